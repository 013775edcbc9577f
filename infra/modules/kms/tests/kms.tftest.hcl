mock_provider "aws" {
  source = "../../tests/mocks"
}

mock_provider "aws" {
  alias  = "replica"
  source = "../../tests/mocks"
}

variables {
  name       = "shelfcast-test"
  account_id = "123456789012"
  region     = "ap-south-1"
}

run "turning" {
  command = plan
  assert {
    condition     = alltrue([for key in aws_kms_key.this : key.enable_key_rotation]) && length(aws_kms_key.this) == 3
    error_message = "Three keys that turn."
  }
  assert {
    condition     = length(aws_kms_replica_key.data) == 0 && alltrue([for key in aws_kms_key.this : !key.multi_region])
    error_message = "At home unless asked."
  }
}

run "copied" {
  command = plan
  variables {
    multi_region = true
  }
  assert {
    condition     = length(aws_kms_replica_key.data) == 1 && alltrue([for key in aws_kms_key.this : key.multi_region && key.enable_key_rotation])
    error_message = "Copies can be read in the region of recovery."
  }
}

run "account" {
  command = plan
  variables {
    account_id = "12345"
  }
  expect_failures = [var.account_id]
}

run "too_quick" {
  command = plan
  variables {
    deletion_window_days = 1
  }
  expect_failures = [var.deletion_window_days]
}
