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

run "one_shard_is_no_cluster" {
  command = plan
  assert {
    condition     = !output.cluster && aws_elasticache_replication_group.this.num_cache_clusters == 2 && output.member_ids == ["shelfcast-test-001", "shelfcast-test-002"]
    error_message = "A primary and one that takes over."
  }
}

run "shards_make_a_cluster" {
  command = plan
  variables {
    shards = 3
  }
  assert {
    condition     = output.cluster && aws_elasticache_replication_group.this.num_node_groups == 3 && aws_elasticache_replication_group.this.replicas_per_node_group == 1 && aws_elasticache_replication_group.this.automatic_failover_enabled
    error_message = "Three primaries, each with one that takes over."
  }
  assert {
    condition     = { for one in aws_elasticache_parameter_group.this.parameter : one.name => one.value } == { "maxmemory-policy" = "noeviction", "cluster-enabled" = "yes" }
    error_message = "Queues lose nothing on a cluster, either."
  }
  assert {
    condition     = length(output.member_ids) == 6 && output.member_ids[5] == "shelfcast-test-0003-002"
    error_message = "Every node is watched by the name CloudWatch gives it."
  }
}

run "shards_without_anybody_to_take_over" {
  command = plan
  variables {
    shards     = 3
    node_count = 1
  }
  expect_failures = [var.shards]
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
