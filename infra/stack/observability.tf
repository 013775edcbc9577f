module "observability" {
  source             = "../modules/observability"
  name               = local.name
  account_id         = var.account_id
  region             = var.region
  kms_key_arn        = module.kms.logs_key_arn
  log_retention_days = var.log_retention_days
  critical_emails    = var.alerts.critical_emails
  warning_emails     = var.alerts.warning_emails
  critical_webhook   = var.alerts.critical_webhook
  always_on          = var.night == null
  limits             = { monthly_budget_dollars = var.monthly_budget_dollars }
  alb                = { arn_suffix = module.alb.arn_suffix, target_group_arn_suffix = module.alb.target_group_arn_suffix }
  services           = { cluster = local.name, names = compact(["${local.name}-api", var.worker.min > 0 ? "${local.name}-worker" : ""]) }
  database = {
    writer      = module.database.metric_dimensions.writer
    replicas    = module.database.metric_dimensions.replicas
    has_storage = var.database.mode == "rds"
  }
  cache_member_ids = module.cache.member_ids
  waf_name         = local.name
  log_group_names  = [for process in concat(["api", "worker", "migrate"], local.training ? ["training"] : []) : "/${local.name}/${process}"]
}
