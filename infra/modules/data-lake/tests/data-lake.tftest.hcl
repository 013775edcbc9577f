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
  log_retention_days  = 90
}

run "zones" {
  command = plan
  assert {
    condition     = toset(keys(aws_s3_bucket.this)) == toset(["raw", "curated", "features", "model-artifacts", "external-signals", "reports", "work", "backups", "logs"])
    error_message = "Every zone has its bucket."
  }
  assert {
    condition     = alltrue([for zone, bucket in aws_s3_bucket.this : "s3://${bucket.bucket}" == replace(output.url, "{zone}", zone)])
    error_message = "The lake's address leads to each bucket."
  }
  assert {
    condition     = alltrue([for one in aws_s3_bucket_lifecycle_configuration.this : one.rule[0].abort_incomplete_multipart_upload[0].days_after_initiation <= 7])
    error_message = "Parts of broken uploads go."
  }
  assert {
    condition     = alltrue([for one in aws_s3_bucket_versioning.this : one.versioning_configuration[0].status == "Enabled"])
    error_message = "Versions are kept."
  }
  assert {
    condition     = alltrue([for zone in ["raw", "curated", "model-artifacts"] : contains([for move in aws_s3_bucket_lifecycle_configuration.this[zone].rule[0].transition : move.storage_class], "GLACIER")])
    error_message = "Old objects move to Glacier."
  }
  assert {
    condition     = toset(keys(aws_s3_bucket_replication_configuration.this)) == toset(["raw", "curated", "model-artifacts", "work", "backups"])
    error_message = "What cannot be made again is copied."
  }
}

run "at_home" {
  command = plan
  variables {
    replicate = false
  }
  assert {
    condition     = length(aws_s3_bucket.replica) == 0 && length(aws_iam_role.replication) == 0
    error_message = "Nothing leaves the region."
  }
}

run "copied_logs" {
  command = plan
  variables {
    replicated_zones = ["raw", "logs"]
  }
  expect_failures = [var.replicated_zones]
}
