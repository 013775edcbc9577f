mock_provider "aws" {
  source = "../../tests/mocks"
}

mock_provider "aws" {
  alias  = "replica"
  source = "../../tests/mocks"
}

variables {
  name                = "shelfcast-test"
  account_id          = "123456789012"
  kms_key_arn         = "arn:aws:kms:ap-south-1:123456789012:key/11111111-2222-4333-8444-555555555555"
  replica_kms_key_arn = "arn:aws:kms:ap-south-2:123456789012:key/mrk-11111111222243338444555555555555"
  replicate           = true
  keep_days           = { hourly = 7, daily = 35, monthly = 400 }
  lock_min_days       = 7
  alert_topic_arn     = "arn:aws:sns:ap-south-1:123456789012:warning"
}

run "hourly" {
  command = plan
  assert {
    condition     = contains([for rule in aws_backup_plan.this.rule : rule.schedule], "cron(0 * * * ? *)")
    error_message = "At most an hour is lost."
  }
  assert {
    condition     = length(aws_backup_vault.replica) == 1 && length(aws_backup_vault_lock_configuration.this) == 1
    error_message = "Copied and locked."
  }
}

run "short" {
  command = plan
  variables {
    keep_days = { hourly = 1, daily = 2, monthly = 1 }
  }
  expect_failures = [var.keep_days]
}
