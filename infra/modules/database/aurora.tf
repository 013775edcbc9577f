resource "aws_rds_cluster_parameter_group" "this" {
  count       = local.aurora
  name        = "${var.name}-aurora-postgres${local.major}"
  family      = "aurora-postgresql${local.major}"
  description = "TLS only, slow statements logged"

  dynamic "parameter" {
    for_each = local.parameters
    content {
      name         = parameter.key
      value        = parameter.value.value
      apply_method = parameter.value.method
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_rds_cluster" "this" {
  count                           = local.aurora
  cluster_identifier              = var.name
  engine                          = "aurora-postgresql"
  engine_version                  = var.engine_version
  database_name                   = "shelfcast"
  master_username                 = "shelfcast"
  master_password_wo              = var.password
  master_password_wo_version      = var.password_version
  storage_encrypted               = true
  kms_key_id                      = var.kms_key_arn
  db_subnet_group_name            = aws_db_subnet_group.this.name
  vpc_security_group_ids          = [var.security_group_id]
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.this[0].name
  backup_retention_period         = var.backup_retention_days
  preferred_backup_window         = "20:30-21:30"
  preferred_maintenance_window    = "sun:22:00-sun:23:00"
  copy_tags_to_snapshot           = true
  deletion_protection             = var.deletion_protection
  skip_final_snapshot             = !var.deletion_protection
  final_snapshot_identifier       = var.deletion_protection ? "${var.name}-final" : null
  enabled_cloudwatch_logs_exports = ["postgresql"]
  tags                            = { Backup = "true" }

  serverlessv2_scaling_configuration {
    min_capacity = var.serverless_capacity.min
    max_capacity = var.serverless_capacity.max
  }

  depends_on = [aws_cloudwatch_log_group.server]
}

# The second and further ones read, and one of them takes over when the writer fails.
resource "aws_rds_cluster_instance" "this" {
  count                                 = local.aurora * (1 + max(var.replica_count, var.multi_az ? 1 : 0))
  identifier                            = "${var.name}-${count.index}"
  cluster_identifier                    = aws_rds_cluster.this[0].id
  instance_class                        = "db.serverless"
  engine                                = "aurora-postgresql"
  publicly_accessible                   = false
  auto_minor_version_upgrade            = true
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.kms_key_arn
  performance_insights_retention_period = 7
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  promotion_tier                        = count.index
}
