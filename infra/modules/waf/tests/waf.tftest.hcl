mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name               = "shelfcast-test"
  scope              = "REGIONAL"
  log_retention_days = 30
}

run "rules" {
  command = plan
  assert {
    condition     = toset([for rule in aws_wafv2_web_acl.this.rule : rule.name]) == toset(["rate", "AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesSQLiRuleSet"])
    error_message = "Rate, ill repute, scripting, bad inputs, injection."
  }
}

run "behind_cloudfront" {
  command = plan
  variables {
    requests_per_five_minutes = null
  }
  assert {
    condition     = !contains([for rule in aws_wafv2_web_acl.this.rule : rule.name], "rate")
    error_message = "CloudFront's addresses are not counted."
  }
}

run "scope" {
  command = plan
  variables {
    scope = "GLOBAL"
  }
  expect_failures = [var.scope]
}

run "tiny_rate" {
  command = plan
  variables {
    requests_per_five_minutes = 5
  }
  expect_failures = [var.requests_per_five_minutes]
}
