locals {
  rds    = var.mode == "rds" ? 1 : 0
  aurora = var.mode == "aurora_serverless" ? 1 : 0
  major  = split(".", var.engine_version)[0]

  # Applied by a restart where PostgreSQL needs one.
  parameters = {
    "rds.force_ssl"                       = { value = "1", method = "immediate" }
    "log_min_duration_statement"          = { value = "1000", method = "immediate" }
    "log_lock_waits"                      = { value = "1", method = "immediate" }
    "log_connections"                     = { value = "1", method = "immediate" }
    "log_disconnections"                  = { value = "1", method = "immediate" }
    "idle_in_transaction_session_timeout" = { value = "60000", method = "immediate" }
    "shared_preload_libraries"            = { value = "pg_stat_statements", method = "pending-reboot" }
  }
}

resource "aws_db_subnet_group" "this" {
  name        = var.name
  description = "Data tier of ${var.name}"
  subnet_ids  = var.subnet_ids
}

resource "aws_iam_role" "monitoring" {
  name = "${var.name}-rds-monitoring"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "monitoring.rds.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

# Made here and not by RDS, so that it is encrypted and ends.
resource "aws_cloudwatch_log_group" "server" {
  name              = var.mode == "rds" ? "/aws/rds/instance/${var.name}/postgresql" : "/aws/rds/cluster/${var.name}/postgresql"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_kms_key_arn
}
