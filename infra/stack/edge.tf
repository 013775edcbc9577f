# What faces the internet.
module "alb" {
  source              = "../modules/alb"
  name                = local.name
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.public_subnet_ids
  security_group_id   = module.security_groups.alb_id
  certificate_arn     = var.domain.api_certificate_arn
  access_logs_bucket  = module.data_lake.logs_bucket
  deletion_protection = var.protect
}

# Behind CloudFront all requests come from its addresses: there its own firewall counts them.
module "waf" {
  source                    = "../modules/waf"
  name                      = local.name
  scope                     = "REGIONAL"
  resource_arns             = { alb = module.alb.arn }
  requests_per_five_minutes = var.cloudfront_prefix_list_id == null ? 30000 : null
  log_retention_days        = var.log_retention_days
  logs_kms_key_arn          = module.kms.logs_key_arn
}

module "waf_edge" {
  source             = "../modules/waf"
  providers          = { aws = aws.edge }
  name               = "${local.name}-edge"
  scope              = "CLOUDFRONT"
  log_retention_days = var.data_residency == null ? var.log_retention_days : null
}

module "web" {
  source          = "../modules/web-cdn"
  name            = local.name
  account_id      = var.account_id
  api_domain_name = var.domain.api
  domain_names    = [var.domain.dashboard]
  certificate_arn = var.domain.dashboard_certificate_arn
  web_acl_arn     = module.waf_edge.arn
  hosted_zone_id  = var.domain.hosted_zone_id
  force_destroy   = !var.protect
}

resource "aws_route53_record" "api" {
  count   = var.domain.hosted_zone_id == null ? 0 : 1
  zone_id = var.domain.hosted_zone_id
  name    = var.domain.api
  type    = "A"

  alias {
    name                   = module.alb.dns_name
    zone_id                = module.alb.zone_id
    evaluate_target_health = true
  }
}
