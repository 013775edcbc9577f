mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name             = "shelfcast"
  account_id       = "123456789012"
  repository       = "owner/shelfcast"
  environments     = ["staging", "prod"]
  state_bucket_arn = "arn:aws:s3:::shelfcast-state-123456789012"
  state_key_arn    = "arn:aws:kms:ap-south-1:123456789012:key/11111111-2222-4333-8444-555555555555"
}

run "trust" {
  command = plan
  assert {
    condition     = toset(jsondecode(aws_iam_role.this["apply"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"]) == toset(["repo:owner/shelfcast:environment:staging", "repo:owner/shelfcast:environment:prod"])
    error_message = "Only these environments of this repository apply."
  }
  assert {
    condition     = jsondecode(aws_iam_role.this["plan"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
    error_message = "Tokens for AWS alone."
  }
  assert {
    condition     = !strcontains(join("", [for policy in [aws_iam_role_policy.apply.policy, aws_iam_role_policy.build.policy, aws_iam_role_policy.plan.policy] : policy]), "\"Action\":\"*\"")
    error_message = "No administrator."
  }
  assert {
    condition     = contains([for one in jsondecode(aws_iam_role_policy.apply.policy).Statement : one.Effect if one.Sid == "NotItself"], "Deny")
    error_message = "It cannot change its own rights."
  }
  assert {
    condition     = length(aws_iam_role_policy.build.policy) + length(aws_iam_role_policy.apply.policy) <= 10240
    error_message = "AWS takes 10,240 characters of inline policies for a role."
  }
}

run "any_repository" {
  command = plan
  variables {
    repository = "owner/*"
  }
  expect_failures = [var.repository]
}

run "any_environment" {
  command = plan
  variables {
    environments = ["*"]
  }
  expect_failures = [var.environments]
}
