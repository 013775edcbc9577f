mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name   = "shelfcast-test"
  vpc_id = "vpc-0123456789abcdef0"
}

override_resource {
  target          = aws_security_group.app
  override_during = plan
  values          = { id = "sg-00000000000000001" }
}

override_resource {
  target          = aws_security_group.db
  override_during = plan
  values          = { id = "sg-00000000000000002" }
}

run "database" {
  command = plan
  assert {
    condition     = aws_vpc_security_group_ingress_rule.db_from_app.security_group_id == "sg-00000000000000002" && aws_vpc_security_group_ingress_rule.db_from_app.referenced_security_group_id == "sg-00000000000000001" && aws_vpc_security_group_ingress_rule.db_from_app.from_port == 5432 && aws_vpc_security_group_ingress_rule.db_from_app.to_port == 5432
    error_message = "Tasks alone reach the database, on 5432."
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.app_https.from_port == 443 && aws_vpc_security_group_egress_rule.app_https.to_port == 443
    error_message = "Only HTTPS leaves."
  }
  assert {
    condition     = sort([for rule in aws_vpc_security_group_ingress_rule.alb_cidr : rule.from_port]) == sort([443, 80])
    error_message = "HTTPS, and HTTP to be redirected."
  }
}

run "training_apart" {
  command = plan
  variables {
    training = true
  }
  assert {
    condition     = { for target, rule in aws_vpc_security_group_ingress_rule.from_training : target => rule.to_port } == { db = 5432, cache = 6379, endpoints = 443 }
    error_message = "Trainings reach database, cache and endpoints."
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.from_training["db"].security_group_id == "sg-00000000000000002" && length(aws_vpc_security_group_egress_rule.training_to) == 2
    error_message = "By rules that name them."
  }
}

run "no_training" {
  command = plan
  assert {
    condition     = output.training_id == null && length(aws_vpc_security_group_ingress_rule.from_training) == 0
    error_message = "No way in for nobody."
  }
}

run "behind_cloudfront" {
  command = plan
  variables {
    alb_ingress_prefix_list_id = "pl-0123456789abcdef0"
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.alb_cidr) == 0 && aws_vpc_security_group_ingress_rule.alb_prefix_list[0].from_port == 443
    error_message = "Nobody but CloudFront."
  }
}

run "no_addresses" {
  command = plan
  variables {
    alb_ingress_cidrs = ["everywhere"]
  }
  expect_failures = [var.alb_ingress_cidrs]
}
