mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name        = "shelfcast-test"
  kms_key_arn = "arn:aws:kms:ap-south-1:123456789012:key/11111111-2222-4333-8444-555555555555"
  values      = { jwt_secret = "a", admin_password = "b", redis_password = "c", database_password = "d", api_database_password = "e", worker_database_password = "f" }
  external    = ["FRED_API_KEY"]
}

run "names" {
  command = plan
  assert {
    condition     = toset(keys(aws_secretsmanager_secret.this)) == toset(["JWT_SECRET", "ADMIN_PASSWORD", "REDIS_PASSWORD", "DATABASE_PASSWORD", "API_DATABASE_PASSWORD", "WORKER_DATABASE_PASSWORD", "FRED_API_KEY"])
    error_message = "Named like the settings they are."
  }
  assert {
    condition     = aws_secretsmanager_secret_version.jwt_secret.secret_string == null
    error_message = "The value is written nowhere."
  }
}

run "recovery" {
  command = plan
  variables {
    recovery_days = 3
  }
  expect_failures = [var.recovery_days]
}

run "half_a_version" {
  command = plan
  variables {
    values_version = 1.5
  }
  expect_failures = [var.values_version]
}

run "the_signing_secret_has_a_version_of_its_own" {
  command = plan
  variables {
    jwt_version    = 2
    values_version = 3
  }
  assert {
    condition     = aws_secretsmanager_secret_version.jwt_secret.secret_string_wo_version == 2
    error_message = "Changed by its own version."
  }
  assert {
    condition     = aws_secretsmanager_secret_version.database_password.secret_string_wo_version == 3
    error_message = "The others by theirs."
  }
}
