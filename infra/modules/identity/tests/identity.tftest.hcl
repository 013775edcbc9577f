mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name                = "shelfcast-test"
  domain_prefix       = "shelfcast-test-1"
  callback_urls       = ["https://app.shelfcast.example/"]
  deletion_protection = true
}

run "groups" {
  command = plan
  assert {
    condition     = toset([for group in aws_cognito_user_group.this : group.name]) == toset(["AdminGroup", "PlannerGroup", "ViewerGroup"])
    error_message = "Admin, planner, viewer."
  }
}

run "plain_http" {
  command = plan
  variables {
    callback_urls = ["http://app.shelfcast.example/"]
  }
  expect_failures = [var.callback_urls]
}

run "reserved_prefix" {
  command = plan
  variables {
    domain_prefix = "aws-login"
  }
  expect_failures = [var.domain_prefix]
}
