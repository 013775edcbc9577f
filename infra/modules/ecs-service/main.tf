locals {
  full_name = "${var.name}-${var.process}"
  probe     = "fetch('${coalesce(var.health_check_url, "none")}').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"

  hardened = {
    user                   = var.user
    privileged             = false
    readonlyRootFilesystem = true
    linuxParameters        = { initProcessEnabled = true, capabilities = { drop = ["ALL"], add = [] } }
  }
  log = {
    logDriver = "awslogs"
    options = {
      awslogs-group         = aws_cloudwatch_log_group.this.name
      awslogs-region        = var.region
      awslogs-stream-prefix = var.process
      # A process that cannot log must go on serving.
      mode            = "non-blocking"
      max-buffer-size = "8m"
    }
  }

  main = merge(local.hardened, {
    name             = var.process
    image            = var.image
    essential        = true
    command          = var.command
    stopTimeout      = var.stop_timeout_seconds
    environment      = [for name in sort(keys(var.environment)) : { name = name, value = var.environment[name] }]
    secrets          = [for name in sort(keys(var.secrets)) : { name = name, valueFrom = var.secrets[name] }]
    logConfiguration = local.log
    mountPoints      = [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]
    portMappings     = var.port == null ? [] : [{ containerPort = var.port, hostPort = var.port, protocol = "tcp" }]
    ulimits          = [{ name = "nofile", softLimit = 65536, hardLimit = 65536 }]
    }, var.health_check_url == null ? {} : {
    healthCheck = { command = ["CMD", "node", "-e", local.probe], interval = 10, timeout = 5, retries = 3, startPeriod = 30 }
  })

  # Not essential: without metrics and traces the process still serves.
  side = var.collector == null ? [] : [merge(local.hardened, {
    name             = "collector"
    image            = var.collector.image
    essential        = false
    cpu              = 64
    memory           = 256
    stopTimeout      = 10
    environment      = [{ name = "AOT_CONFIG_CONTENT", value = var.collector.config }]
    secrets          = []
    logConfiguration = local.log
    mountPoints      = []
    portMappings     = []
  })]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.name}/${var.process}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_kms_key_arn
}

resource "aws_ecs_task_definition" "this" {
  family                   = local.full_name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  container_definitions    = jsonencode(concat([local.main], local.side))

  # A rollback needs the definitions of before, which would else be made inactive.
  skip_destroy = true

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }

  # The root file system is read-only; this one goes with the task.
  volume {
    name = "tmp"
  }
}

resource "aws_ecs_service" "this" {
  count                              = var.service == null ? 0 : 1
  name                               = local.full_name
  cluster                            = var.cluster.arn
  task_definition                    = aws_ecs_task_definition.this.arn
  desired_count                      = max(var.service.min, 1)
  platform_version                   = "LATEST"
  propagate_tags                     = "SERVICE"
  enable_ecs_managed_tags            = true
  enable_execute_command             = false
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = var.service.target_group_arn == null ? null : var.service.grace_seconds
  availability_zone_rebalancing      = "ENABLED"

  network_configuration {
    subnets          = var.service.subnet_ids
    security_groups  = var.service.security_group_ids
    assign_public_ip = false
  }

  capacity_provider_strategy {
    capacity_provider = "FARGATE"
    base              = var.service.on_demand_base
    weight            = var.service.on_demand_weight
  }

  dynamic "capacity_provider_strategy" {
    for_each = var.service.spot_weight > 0 ? [1] : []
    content {
      capacity_provider = "FARGATE_SPOT"
      weight            = var.service.spot_weight
    }
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  dynamic "alarms" {
    for_each = length(var.service.rollback_alarms) > 0 ? [1] : []
    content {
      enable      = true
      rollback    = true
      alarm_names = var.service.rollback_alarms
    }
  }

  dynamic "load_balancer" {
    for_each = var.service.target_group_arn == null ? [] : [1]
    content {
      target_group_arn = var.service.target_group_arn
      container_name   = var.process
      container_port   = var.port
    }
  }

  # Autoscaling owns the number of tasks.
  lifecycle {
    ignore_changes = [desired_count]
  }
}
