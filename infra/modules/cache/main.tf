locals {
  cluster = var.shards > 1
}

resource "aws_elasticache_subnet_group" "this" {
  name        = var.name
  description = "Data tier of ${var.name}"
  subnet_ids  = var.subnet_ids
}

resource "aws_elasticache_parameter_group" "this" {
  name        = "${var.name}-${var.parameter_family}${local.cluster ? "-cluster" : ""}"
  family      = var.parameter_family
  description = "Queues must not lose an entry to eviction"

  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }

  dynamic "parameter" {
    for_each = local.cluster ? ["yes"] : []
    content {
      name  = "cluster-enabled"
      value = parameter.value
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "slow" {
  name              = "/${var.name}/cache-slow"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_kms_key_arn
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id       = var.name
  description                = "Queues, cache and rate limits of ${var.name}"
  engine                     = var.engine
  engine_version             = var.engine_version
  parameter_group_name       = aws_elasticache_parameter_group.this.name
  node_type                  = var.node_type
  num_cache_clusters         = local.cluster ? null : var.node_count
  num_node_groups            = local.cluster ? var.shards : null
  replicas_per_node_group    = local.cluster ? var.node_count - 1 : null
  automatic_failover_enabled = var.node_count > 1
  multi_az_enabled           = var.node_count > 1
  port                       = 6379
  subnet_group_name          = aws_elasticache_subnet_group.this.name
  security_group_ids         = [var.security_group_id]
  at_rest_encryption_enabled = true
  kms_key_id                 = var.kms_key_arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  snapshot_retention_limit   = var.snapshot_retention_days
  snapshot_window            = "20:30-21:30"
  maintenance_window         = "sun:22:00-sun:23:00"
  auto_minor_version_upgrade = true
  apply_immediately          = false

  log_delivery_configuration {
    destination      = aws_cloudwatch_log_group.slow.name
    destination_type = "cloudwatch-logs"
    log_format       = "json"
    log_type         = "slow-log"
  }

  # The provider keeps a token in the state. `scripts/cache-token.sh` gives the cache the one from Secrets Manager.
  lifecycle {
    ignore_changes = [auth_token, auth_token_update_strategy]
  }
}
