mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name               = "shelfcast-test"
  node_count         = 2
  subnet_ids         = ["subnet-1", "subnet-2"]
  security_group_id  = "sg-1"
  kms_key_arn        = "arn:aws:kms:ap-south-1:123456789012:key/11111111-2222-4333-8444-555555555555"
  logs_kms_key_arn   = "arn:aws:kms:ap-south-1:123456789012:key/11111111-2222-4333-8444-555555555555"
  log_retention_days = 30
}

run "two_nodes" {
  command = plan
  assert {
    condition     = one(aws_elasticache_parameter_group.this.parameter).value == "noeviction"
    error_message = "Queues lose nothing."
  }
  assert {
    condition     = aws_elasticache_replication_group.this.multi_az_enabled && aws_elasticache_replication_group.this.transit_encryption_enabled && aws_elasticache_replication_group.this.auth_token == null
    error_message = "Two zones, TLS, no token in the state."
  }
}

run "one_node" {
  command = plan
  variables {
    node_count = 1
  }
  assert {
    condition     = !aws_elasticache_replication_group.this.automatic_failover_enabled
    error_message = "One node cannot fail over."
  }
}

run "other_engine" {
  command = plan
  variables {
    engine = "memcached"
  }
  expect_failures = [var.engine]
}
