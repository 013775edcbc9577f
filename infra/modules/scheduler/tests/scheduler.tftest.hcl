mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name                = "shelfcast-test"
  account_id          = "123456789012"
  region              = "ap-south-1"
  database_identifier = "shelfcast-test"
  night               = { stop = "cron(15 21 * * ? *)", start = "cron(30 7 * * ? *)", timezone = "Asia/Kolkata" }
}

run "night" {
  command = plan
  assert {
    condition     = length(aws_scheduler_schedule.this) == 2 && jsondecode(aws_iam_role_policy.this.policy).Statement[0].Resource == "arn:aws:rds:ap-south-1:123456789012:db:shelfcast-test"
    error_message = "Stops and starts this database alone."
  }
}

run "no_cron" {
  command = plan
  variables {
    night = { stop = "at night", start = "in the morning", timezone = "Asia/Kolkata" }
  }
  expect_failures = [var.night]
}
