mock_provider "aws" {
  source = "../../tests/mocks"
}

mock_provider "aws" {
  alias  = "replica"
  source = "../../tests/mocks"
}

variables {
  name                  = "shelfcast-test"
  multi_az              = true
  replica_count         = 1
  backup_retention_days = 35
  deletion_protection   = true
  subnet_ids            = ["subnet-1", "subnet-2"]
  security_group_id     = "sg-1"
  kms_key_arn           = "arn:aws:kms:ap-south-1:123456789012:key/11111111-2222-4333-8444-555555555555"
  logs_kms_key_arn      = "arn:aws:kms:ap-south-1:123456789012:key/11111111-2222-4333-8444-555555555555"
  password              = "never-written-down"
  log_retention_days    = 30
}

run "rds" {
  command = plan
  assert {
    condition     = aws_db_instance.primary[0].multi_az && aws_db_instance.primary[0].backup_retention_period == 35 && aws_db_instance.primary[0].deletion_protection && !aws_db_instance.primary[0].publicly_accessible
    error_message = "Standby, 35 days, protected, private."
  }
  assert {
    condition     = contains([for one in aws_db_parameter_group.this[0].parameter : "${one.name}=${one.value}"], "rds.force_ssl=1")
    error_message = "TLS only."
  }
  assert {
    condition     = length(aws_db_instance.replica) == 1 && length(aws_rds_cluster.this) == 0
    error_message = "One replica, no cluster."
  }
}

run "aurora" {
  command = plan
  variables {
    mode           = "aurora_serverless"
    engine_version = "17"
  }
  assert {
    condition     = length(aws_db_instance.primary) == 0 && aws_rds_cluster.this[0].backup_retention_period == 35 && length(aws_rds_cluster_instance.this) == 2
    error_message = "A cluster with a reader."
  }
  assert {
    condition     = aws_rds_cluster_instance.this[0].instance_class == "db.serverless"
    error_message = "Paid by use."
  }
}

run "other_mode" {
  command = plan
  variables {
    mode = "mysql"
  }
  expect_failures = [var.mode]
}

run "short_memory" {
  command = plan
  variables {
    backup_retention_days = 1
  }
  expect_failures = [var.backup_retention_days]
}
