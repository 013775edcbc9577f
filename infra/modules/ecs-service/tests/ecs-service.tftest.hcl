mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name                 = "shelfcast-test"
  process              = "worker"
  account_id           = "123456789012"
  region               = "ap-south-1"
  cluster              = { arn = "arn:aws:ecs:ap-south-1:123456789012:cluster/test", name = "test" }
  image                = "123456789012.dkr.ecr.ap-south-1.amazonaws.com/shelfcast:0000000"
  repository_arn       = "arn:aws:ecr:ap-south-1:123456789012:repository/shelfcast"
  command              = ["node", "dist/src/worker.js"]
  cpu                  = 1024
  memory               = 2048
  environment          = { LOG_LEVEL = "info" }
  secrets              = { JWT_SECRET = "arn:aws:secretsmanager:ap-south-1:123456789012:secret:a-AbCdEf" }
  secret_arns          = ["arn:aws:secretsmanager:ap-south-1:123456789012:secret:a-AbCdEf"]
  secret_key_arns      = ["arn:aws:kms:ap-south-1:123456789012:key/11111111-2222-4333-8444-555555555555"]
  stop_timeout_seconds = 120
  logs_kms_key_arn     = "arn:aws:kms:ap-south-1:123456789012:key/11111111-2222-4333-8444-555555555555"
  log_retention_days   = 30
  service = {
    subnet_ids         = ["subnet-1", "subnet-2"]
    security_group_ids = ["sg-1"]
    min                = 0
    max                = 4
    spot_weight        = 1
    on_demand_weight   = 0
  }
  queue_scaling = { namespace = "FMCG/System", depth_metric = "JobsWaiting", age_metric = "OldestJobAgeSeconds" }
  night         = { stop = "cron(0 21 * * ? *)", start = "cron(0 8 * * ? *)", timezone = "Asia/Kolkata" }
}

run "worker" {
  command = plan
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].readonlyRootFilesystem && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].linuxParameters.capabilities.drop == ["ALL"]
    error_message = "The container cannot write and has no capability."
  }
  assert {
    condition     = aws_ecs_service.this[0].deployment_circuit_breaker[0].rollback
    error_message = "A failed release rolls back."
  }
  assert {
    condition     = toset([for policy in aws_appautoscaling_policy.load : policy.target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].predefined_metric_type]) == toset(["ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization"])
    error_message = "Scaled by CPU and memory."
  }
  assert {
    condition     = aws_appautoscaling_scheduled_action.night["stop"].scalable_target_action[0].max_capacity == "0"
    error_message = "To zero at night."
  }
  assert {
    condition     = aws_appautoscaling_target.this[0].min_capacity == 0 && aws_appautoscaling_scheduled_action.night["start"].scalable_target_action[0].min_capacity == "1"
    error_message = "Where nothing tells of the queue, the day begins with one."
  }
  assert {
    condition     = contains([for entry in aws_ecs_service.this[0].capacity_provider_strategy : entry.capacity_provider], "FARGATE_SPOT")
    error_message = "On Spot."
  }
}

run "woken_by_jobs" {
  command = plan
  variables {
    collector     = { image = "collector:1", config = "", namespaces = ["FMCG/System"] }
    queue_scaling = { namespace = "FMCG/System", depth_metric = "JobsWaiting", age_metric = "OldestJobAgeSeconds", dimensions = { fleet = "training" } }
  }
  assert {
    condition     = aws_appautoscaling_scheduled_action.night["start"].scalable_target_action[0].min_capacity == "0"
    error_message = "None until a job waits."
  }
  assert {
    condition     = alltrue([for alarm in [aws_cloudwatch_metric_alarm.queue_depth[0], aws_cloudwatch_metric_alarm.queue_age[0], aws_cloudwatch_metric_alarm.queue_empty[0]] : alarm.dimensions["fleet"] == "training"])
    error_message = "By its own jobs alone."
  }
}

run "once" {
  command = plan
  variables {
    service       = null
    queue_scaling = null
    night         = null
  }
  assert {
    condition     = length(aws_ecs_service.this) == 0 && length(aws_appautoscaling_target.this) == 0
    error_message = "A definition only."
  }
}

run "root" {
  command = plan
  variables {
    user = "0:0"
  }
  expect_failures = [var.user]
}

run "plain_secret" {
  command = plan
  variables {
    environment = { JWT_SECRET = "written down" }
  }
  expect_failures = [var.environment]
}

run "secret_from_elsewhere" {
  command = plan
  variables {
    secrets = { JWT_SECRET = "arn:aws:ssm:ap-south-1:123456789012:parameter/a" }
  }
  expect_failures = [var.secrets]
}

run "moving_tag" {
  command = plan
  variables {
    image = "123456789012.dkr.ecr.ap-south-1.amazonaws.com/shelfcast:latest"
  }
  expect_failures = [var.image]
}

run "too_long_a_stop" {
  command = plan
  variables {
    stop_timeout_seconds = 300
  }
  expect_failures = [var.stop_timeout_seconds]
}
