locals {
  scaled = var.service == null ? 0 : 1
  queued = var.service == null || var.queue_scaling == null ? 0 : 1
  waking = var.queue_scaling != null && var.collector != null
}

resource "aws_appautoscaling_target" "this" {
  count              = local.scaled
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${var.cluster.name}/${aws_ecs_service.this[0].name}"
  min_capacity       = var.service.min
  max_capacity       = var.service.max
}

resource "aws_appautoscaling_policy" "load" {
  for_each = var.service == null ? {} : {
    cpu    = { metric = "ECSServiceAverageCPUUtilization", target = var.service.cpu_target }
    memory = { metric = "ECSServiceAverageMemoryUtilization", target = var.service.memory_target }
  }
  name               = "${local.full_name}-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension
  resource_id        = aws_appautoscaling_target.this[0].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.target
    scale_out_cooldown = 60
    scale_in_cooldown  = 300
    # Load never takes a queue's last worker; the empty queue does.
    disable_scale_in = var.queue_scaling != null
    predefined_metric_specification {
      predefined_metric_type = each.value.metric
    }
  }
}

# More waiting jobs, more workers; an old job counts as much as many.
resource "aws_appautoscaling_policy" "queue_out" {
  count              = local.queued
  name               = "${local.full_name}-queue-out"
  policy_type        = "StepScaling"
  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension
  resource_id        = aws_appautoscaling_target.this[0].resource_id

  step_scaling_policy_configuration {
    adjustment_type         = "ChangeInCapacity"
    cooldown                = 120
    metric_aggregation_type = "Maximum"
    step_adjustment {
      metric_interval_lower_bound = 0
      metric_interval_upper_bound = var.queue_scaling.depth_step
      scaling_adjustment          = 1
    }
    step_adjustment {
      metric_interval_lower_bound = var.queue_scaling.depth_step
      scaling_adjustment          = 2
    }
  }
}

resource "aws_appautoscaling_policy" "queue_in" {
  count              = local.queued
  name               = "${local.full_name}-queue-in"
  policy_type        = "StepScaling"
  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension
  resource_id        = aws_appautoscaling_target.this[0].resource_id

  step_scaling_policy_configuration {
    adjustment_type         = "ChangeInCapacity"
    cooldown                = 300
    metric_aggregation_type = "Maximum"
    step_adjustment {
      metric_interval_upper_bound = 0
      scaling_adjustment          = -1
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "queue_depth" {
  count               = local.queued
  alarm_name          = "${local.full_name}-scale-queue-depth"
  alarm_description   = "Jobs wait: add workers"
  namespace           = var.queue_scaling.namespace
  metric_name         = var.queue_scaling.depth_metric
  dimensions          = var.queue_scaling.dimensions
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_appautoscaling_policy.queue_out[0].arn]
}

resource "aws_cloudwatch_metric_alarm" "queue_age" {
  count               = local.queued
  alarm_name          = "${local.full_name}-scale-queue-age"
  alarm_description   = "A job has waited for long: add workers"
  namespace           = var.queue_scaling.namespace
  metric_name         = var.queue_scaling.age_metric
  dimensions          = var.queue_scaling.dimensions
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.queue_scaling.age_limit_seconds
  period              = 60
  evaluation_periods  = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_appautoscaling_policy.queue_out[0].arn]
}

# Fifteen minutes without waiting work: longer than most jobs run, and a worker that is stopped hands its job back.
resource "aws_cloudwatch_metric_alarm" "queue_empty" {
  count               = local.queued
  alarm_name          = "${local.full_name}-scale-queue-empty"
  alarm_description   = "Nothing waits: remove workers"
  namespace           = var.queue_scaling.namespace
  metric_name         = var.queue_scaling.depth_metric
  dimensions          = var.queue_scaling.dimensions
  statistic           = "Maximum"
  comparison_operator = "LessThanOrEqualToThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 15
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_appautoscaling_policy.queue_in[0].arn]
}

resource "aws_appautoscaling_scheduled_action" "night" {
  for_each = var.service == null || var.night == null ? {} : {
    stop = { schedule = var.night.stop, min = 0, max = 0 }
    # Where the depth of the queue is known the first job wakes the first worker; else each day begins with one.
    start = { schedule = var.night.start, min = local.waking ? var.service.min : max(var.service.min, 1), max = var.service.max }
  }
  name               = "${local.full_name}-night-${each.key}"
  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension
  resource_id        = aws_appautoscaling_target.this[0].resource_id
  schedule           = each.value.schedule
  timezone           = var.night.timezone

  scalable_target_action {
    min_capacity = each.value.min
    max_capacity = each.value.max
  }
}
