resource "aws_security_group" "alb" {
  name        = "${var.name}-alb"
  description = "Load balancer: HTTPS in, tasks out"
  vpc_id      = var.vpc_id
  tags        = { Name = "${var.name}-alb" }
}

resource "aws_security_group" "app" {
  name        = "${var.name}-app"
  description = "Tasks: from the load balancer in; HTTPS, database and cache out"
  vpc_id      = var.vpc_id
  tags        = { Name = "${var.name}-app" }
}

resource "aws_security_group" "training" {
  count       = var.training ? 1 : 0
  name        = "${var.name}-training"
  description = "Workers that train: nothing in; HTTPS, database and cache out"
  vpc_id      = var.vpc_id
  tags        = { Name = "${var.name}-training" }
}

resource "aws_security_group" "db" {
  name        = "${var.name}-db"
  description = "PostgreSQL: 5432 from the tasks, nothing else"
  vpc_id      = var.vpc_id
  tags        = { Name = "${var.name}-db" }
}

resource "aws_security_group" "cache" {
  name        = "${var.name}-cache"
  description = "Redis: 6379 from the tasks, nothing else"
  vpc_id      = var.vpc_id
  tags        = { Name = "${var.name}-cache" }
}

resource "aws_security_group" "endpoints" {
  name        = "${var.name}-endpoints"
  description = "Interface endpoints: HTTPS from the tasks, nothing else"
  vpc_id      = var.vpc_id
  tags        = { Name = "${var.name}-endpoints" }
}

locals {
  alb_sources = var.alb_ingress_prefix_list_id == null ? { for cidr in var.alb_ingress_cidrs : cidr => cidr } : {}
  alb_ports   = { https = 443, redirect = 80 }
  alb_cidr_rules = merge([
    for label, port in local.alb_ports : { for cidr in keys(local.alb_sources) : "${label}-${cidr}" => { port = port, cidr = cidr } }
  ]...)
}

resource "aws_vpc_security_group_ingress_rule" "alb_cidr" {
  for_each          = local.alb_cidr_rules
  security_group_id = aws_security_group.alb.id
  description       = each.value.port == 80 ? "HTTP, only to be redirected" : "HTTPS"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr
}

# CloudFront speaks HTTPS to its origin, so there is nothing to redirect.
resource "aws_vpc_security_group_ingress_rule" "alb_prefix_list" {
  count             = var.alb_ingress_prefix_list_id == null ? 0 : 1
  security_group_id = aws_security_group.alb.id
  description       = "HTTPS from CloudFront"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = var.alb_ingress_prefix_list_id
}

resource "aws_vpc_security_group_egress_rule" "alb_to_app" {
  security_group_id            = aws_security_group.alb.id
  description                  = "To the tasks"
  ip_protocol                  = "tcp"
  from_port                    = var.app_port
  to_port                      = var.app_port
  referenced_security_group_id = aws_security_group.app.id
}

resource "aws_vpc_security_group_ingress_rule" "app_from_alb" {
  security_group_id            = aws_security_group.app.id
  description                  = "From the load balancer"
  ip_protocol                  = "tcp"
  from_port                    = var.app_port
  to_port                      = var.app_port
  referenced_security_group_id = aws_security_group.alb.id
}

resource "aws_vpc_security_group_egress_rule" "app_https" {
  security_group_id = aws_security_group.app.id
  description       = "HTTPS to AWS and to services of signals"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

locals {
  app_targets = {
    db    = { port = 5432, group = aws_security_group.db.id }
    cache = { port = 6379, group = aws_security_group.cache.id }
  }
}

resource "aws_vpc_security_group_egress_rule" "app_to" {
  for_each                     = local.app_targets
  security_group_id            = aws_security_group.app.id
  description                  = "To ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  referenced_security_group_id = each.value.group
}

resource "aws_vpc_security_group_ingress_rule" "db_from_app" {
  security_group_id            = aws_security_group.db.id
  description                  = "PostgreSQL from the tasks"
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
  referenced_security_group_id = aws_security_group.app.id
}

resource "aws_vpc_security_group_ingress_rule" "cache_from_app" {
  security_group_id            = aws_security_group.cache.id
  description                  = "Redis from the tasks"
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
  referenced_security_group_id = aws_security_group.app.id
}

resource "aws_vpc_security_group_ingress_rule" "endpoints_from_app" {
  security_group_id            = aws_security_group.endpoints.id
  description                  = "HTTPS from the tasks"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.app.id
}

# Workers that train reach what the other tasks reach, by rules of their own.
locals {
  training_sources = var.training ? merge(local.app_targets, {
    endpoints = { port = 443, group = aws_security_group.endpoints.id }
  }) : {}
}

resource "aws_vpc_security_group_egress_rule" "training_https" {
  count             = var.training ? 1 : 0
  security_group_id = aws_security_group.training[0].id
  description       = "HTTPS to AWS"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "training_to" {
  for_each                     = var.training ? local.app_targets : {}
  security_group_id            = aws_security_group.training[0].id
  description                  = "To ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  referenced_security_group_id = each.value.group
}

resource "aws_vpc_security_group_ingress_rule" "from_training" {
  for_each                     = local.training_sources
  security_group_id            = each.value.group
  description                  = "From the workers that train"
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  referenced_security_group_id = aws_security_group.training[0].id
}
