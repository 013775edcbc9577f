mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name                   = "shelfcast-test"
  account_id             = "123456789012"
  region                 = "ap-south-1"
  kms_key_arn            = "arn:aws:kms:ap-south-1:123456789012:key/11111111-2222-4333-8444-555555555555"
  log_retention_days     = 90
  data_event_bucket_arns = ["arn:aws:s3:::raw"]
  alert_topic_arn        = "arn:aws:sns:ap-south-1:123456789012:critical"
  enable_config          = true
  lock_days              = 7
}

run "trail" {
  command = plan
  assert {
    condition     = aws_cloudtrail.this.is_multi_region_trail && aws_cloudtrail.this.enable_log_file_validation && length(aws_cloudtrail.this.advanced_event_selector) == 2
    error_message = "Everywhere, provable, with reads of the lake."
  }
  assert {
    condition     = aws_guardduty_detector.this.enable && length(aws_config_configuration_recorder.this) == 1
    error_message = "Threats and changes are recorded."
  }
  assert {
    condition     = length(jsondecode(aws_s3_bucket_policy.trail.policy).Statement) == 5
    error_message = "Config may deliver."
  }
}

run "without_config" {
  command = plan
  variables {
    enable_config = false
  }
  assert {
    condition     = length(jsondecode(aws_s3_bucket_policy.trail.policy).Statement) == 3 && length(aws_config_configuration_recorder.this) == 0
    error_message = "Only what is asked for."
  }
}
