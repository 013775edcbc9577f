mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name                = "shelfcast-test"
  vpc_id              = "vpc-0123456789abcdef0"
  subnet_ids          = ["subnet-1", "subnet-2"]
  security_group_id   = "sg-1"
  certificate_arn     = "arn:aws:acm:ap-south-1:123456789012:certificate/00000000-0000-4000-8000-000000000001"
  access_logs_bucket  = "logs"
  deletion_protection = true
}

run "guarded" {
  command = plan
  assert {
    condition     = aws_lb.this.drop_invalid_header_fields && startswith(aws_lb_listener.https.ssl_policy, "ELBSecurityPolicy-TLS13-")
    error_message = "TLS 1.3, headers checked."
  }
  assert {
    condition     = aws_lb_listener.redirect.default_action[0].redirect[0].status_code == "HTTP_301"
    error_message = "HTTP is sent to HTTPS."
  }
  assert {
    condition     = aws_lb_target_group.api.health_check[0].path == "/health/ready" && aws_lb_target_group.api.deregistration_delay == "30"
    error_message = "Ready tasks only; 30 s to leave."
  }
}

run "old_tls" {
  command = plan
  variables {
    ssl_policy = "ELBSecurityPolicy-2016-08"
  }
  expect_failures = [var.ssl_policy]
}

run "one_subnet" {
  command = plan
  variables {
    subnet_ids = ["subnet-1"]
  }
  expect_failures = [var.subnet_ids]
}
