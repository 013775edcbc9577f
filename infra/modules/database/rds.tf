resource "aws_db_parameter_group" "this" {
  count       = local.rds
  name        = "${var.name}-postgres${local.major}"
  family      = "postgres${local.major}"
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

resource "aws_db_instance" "primary" {
  count                                 = local.rds
  identifier                            = var.name
  engine                                = "postgres"
  engine_version                        = var.engine_version
  instance_class                        = var.instance_class
  db_name                               = "shelfcast"
  username                              = "shelfcast"
  password_wo                           = var.password
  password_wo_version                   = var.password_version
  allocated_storage                     = var.storage_gb.initial
  max_allocated_storage                 = var.storage_gb.max
  storage_type                          = "gp3"
  storage_encrypted                     = true
  kms_key_id                            = var.kms_key_arn
  multi_az                              = var.multi_az
  publicly_accessible                   = false
  db_subnet_group_name                  = aws_db_subnet_group.this.name
  vpc_security_group_ids                = [var.security_group_id]
  parameter_group_name                  = aws_db_parameter_group.this[0].name
  ca_cert_identifier                    = "rds-ca-rsa2048-g1"
  backup_retention_period               = var.backup_retention_days
  backup_window                         = "20:30-21:30"
  maintenance_window                    = "sun:22:00-sun:23:00"
  copy_tags_to_snapshot                 = true
  delete_automated_backups              = !var.deletion_protection
  deletion_protection                   = var.deletion_protection
  skip_final_snapshot                   = !var.deletion_protection
  final_snapshot_identifier             = var.deletion_protection ? "${var.name}-final" : null
  auto_minor_version_upgrade            = true
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.kms_key_arn
  performance_insights_retention_period = 7
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  enabled_cloudwatch_logs_exports       = ["postgresql"]
  tags                                  = { Backup = "true" }

  depends_on = [aws_cloudwatch_log_group.server]
}

resource "aws_db_instance" "replica" {
  count                                 = local.rds * var.replica_count
  identifier                            = "${var.name}-replica-${count.index + 1}"
  replicate_source_db                   = aws_db_instance.primary[0].identifier
  instance_class                        = var.instance_class
  max_allocated_storage                 = var.storage_gb.max
  storage_encrypted                     = true
  publicly_accessible                   = false
  vpc_security_group_ids                = [var.security_group_id]
  parameter_group_name                  = aws_db_parameter_group.this[0].name
  ca_cert_identifier                    = "rds-ca-rsa2048-g1"
  deletion_protection                   = var.deletion_protection
  skip_final_snapshot                   = true
  auto_minor_version_upgrade            = true
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.kms_key_arn
  performance_insights_retention_period = 7
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  copy_tags_to_snapshot                 = true
}

# Snapshots and write-ahead log go to the region of recovery as they are made.
resource "aws_db_instance_automated_backups_replication" "this" {
  count                  = local.rds * (var.replicate_backups ? 1 : 0)
  provider               = aws.replica
  source_db_instance_arn = aws_db_instance.primary[0].arn
  kms_key_id             = var.replicate_backups_kms_key_arn
  retention_period       = var.backup_retention_days
}
