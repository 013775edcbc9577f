locals {
  alb_only = { LoadBalancer = var.alb.arn_suffix }
  alb      = { LoadBalancer = var.alb.arn_suffix, TargetGroup = var.alb.target_group_arn_suffix }
  silence  = var.always_on ? "breaching" : "notBreaching"

  # Alarms on one metric. What no data means is decided for each: a count of errors that is not there is zero errors, a
  # load balancer without healthy targets sends nothing at all, and a business figure that is missing tells neither way.
  fixed_alarms = {
    "stockouts" = {
      severity = "critical", text = "More than ${var.limits.stockout_count} products are out of stock for 15 minutes"
      space    = "FMCG/Business", metric = "StockoutCount", statistic = "Maximum", dimensions = {}
      compare  = "GreaterThanThreshold", threshold = var.limits.stockout_count, period = 60, periods = 15, enough = 15, missing = "missing"
    }
    "stream-lag" = {
      severity = "warning", text = "Stored sales lag behind the stream"
      space    = "FMCG/System", metric = "StreamLagMilliseconds", statistic = "Maximum", dimensions = {}
      compare  = "GreaterThanThreshold", threshold = var.limits.stream_lag_ms, period = 60, periods = 5, enough = 5, missing = "notBreaching"
    }
    "queue-age" = {
      severity = "warning", text = "A job has been waiting for long"
      space    = "FMCG/System", metric = "OldestJobAgeSeconds", statistic = "Maximum", dimensions = {}
      compare  = "GreaterThanThreshold", threshold = var.limits.queue_age_seconds, period = 60, periods = 5, enough = 5, missing = "notBreaching"
    }
    "no-healthy-target" = {
      severity = "critical", text = "No task of the API is ready"
      space    = "AWS/ApplicationELB", metric = "HealthyHostCount", statistic = "Minimum", dimensions = local.alb
      compare  = "LessThanThreshold", threshold = 1, period = 60, periods = 2, enough = 2, missing = local.silence
    }
    "balancer-5xx" = {
      severity = "critical", text = "The load balancer itself answers with errors"
      space    = "AWS/ApplicationELB", metric = "HTTPCode_ELB_5XX_Count", statistic = "Sum", dimensions = local.alb_only
      compare  = "GreaterThanThreshold", threshold = 10, period = 60, periods = 3, enough = 3, missing = "notBreaching"
    }
    "db-cpu" = {
      severity = "warning", text = "The database is busy"
      space    = "AWS/RDS", metric = "CPUUtilization", statistic = "Average", dimensions = var.database.writer
      compare  = "GreaterThanThreshold", threshold = var.limits.db_cpu_percent, period = 300, periods = 3, enough = 3, missing = "missing"
    }
    "db-connections" = {
      severity = "warning", text = "The database has many connections"
      space    = "AWS/RDS", metric = "DatabaseConnections", statistic = "Maximum", dimensions = var.database.writer
      compare  = "GreaterThanThreshold", threshold = var.limits.db_connections, period = 300, periods = 3, enough = 3, missing = "missing"
    }
    "refused-requests" = {
      severity = "warning", text = "The firewall refuses many requests"
      space    = "AWS/WAFV2", metric = "BlockedRequests", statistic = "Sum", dimensions = { WebACL = var.waf_name, Region = var.region, Rule = "ALL" }
      compare  = "GreaterThanThreshold", threshold = var.limits.refused_per_five_min, period = 300, periods = 2, enough = 2, missing = "notBreaching"
    }
  }

  storage_alarm = !var.database.has_storage ? {} : { "db-storage" = {
    severity = "critical", text = "The database's storage runs out"
    space    = "AWS/RDS", metric = "FreeStorageSpace", statistic = "Minimum", dimensions = var.database.writer
    compare  = "LessThanThreshold", threshold = var.limits.db_free_storage_bytes, period = 300, periods = 2, enough = 2, missing = "missing"
  } }

  replica_alarms = { for i, dimensions in var.database.replicas : "replica-lag-${i + 1}" => {
    severity = "warning", text = "A replica lags behind"
    space    = "AWS/RDS", metric = "ReplicaLag", statistic = "Maximum", dimensions = dimensions
    compare  = "GreaterThanThreshold", threshold = var.limits.replica_lag_seconds, period = 60, periods = 5, enough = 5, missing = "missing"
  } }

  # Nothing is evicted, so a full cache refuses writes.
  cache_alarms = merge([for id in var.cache_member_ids : {
    "cache-memory-${id}" = {
      severity = "critical", text = "Redis is nearly full and evicts nothing"
      space    = "AWS/ElastiCache", metric = "DatabaseMemoryUsagePercentage", statistic = "Maximum", dimensions = { CacheClusterId = id }
      compare  = "GreaterThanThreshold", threshold = var.limits.cache_memory_percent, period = 60, periods = 5, enough = 5, missing = "missing"
    }
    "cache-cpu-${id}" = {
      severity = "warning", text = "Redis is busy"
      space    = "AWS/ElastiCache", metric = "EngineCPUUtilization", statistic = "Average", dimensions = { CacheClusterId = id }
      compare  = "GreaterThanThreshold", threshold = 80, period = 300, periods = 3, enough = 3, missing = "missing"
    }
  }]...)

  service_alarms = !var.always_on ? {} : { for service in var.services.names : "tasks-${service}" => {
    severity = "critical", text = "No task of ${service} runs"
    space    = "ECS/ContainerInsights", metric = "RunningTaskCount", statistic = "Maximum", dimensions = { ClusterName = var.services.cluster, ServiceName = service }
    compare  = "LessThanThreshold", threshold = 1, period = 60, periods = 3, enough = 3, missing = "breaching"
  } }

  alarms = merge(local.fixed_alarms, local.storage_alarm, local.replica_alarms, local.cache_alarms, local.service_alarms)
}

resource "aws_cloudwatch_metric_alarm" "single" {
  for_each            = local.alarms
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  namespace           = each.value.space
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  dimensions          = each.value.dimensions
  comparison_operator = each.value.compare
  threshold           = each.value.threshold
  period              = each.value.period
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.enough
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_sns_topic.this[each.value.severity].arn]
  ok_actions          = [aws_sns_topic.this[each.value.severity].arn]
}

# A bias of -30 % is as bad as one of 30 %.
resource "aws_cloudwatch_metric_alarm" "forecast_bias" {
  alarm_name          = "${var.name}-forecast-bias"
  alarm_description   = "Forecasts are biased by more than ${var.limits.forecast_bias_percent} %: the model drifts"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.limits.forecast_bias_percent
  evaluation_periods  = 1
  datapoints_to_alarm = 1
  treat_missing_data  = "missing"
  alarm_actions       = [aws_sns_topic.this["warning"].arn]
  ok_actions          = [aws_sns_topic.this["warning"].arn]

  metric_query {
    id          = "e1"
    expression  = "ABS(m1)"
    label       = "Absolute bias"
    return_data = true
  }
  metric_query {
    id = "m1"
    metric {
      namespace   = "FMCG/Business"
      metric_name = "ForecastBias"
      stat        = "Average"
      period      = 3600
    }
  }
}

# A share of few requests says nothing: 1 of 3 is no outage.
resource "aws_cloudwatch_metric_alarm" "api_errors" {
  alarm_name          = "${var.name}-api-5xx"
  alarm_description   = "More than ${var.limits.error_percent} % of the answers are errors of ours"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.limits.error_percent
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.this["critical"].arn]
  ok_actions          = [aws_sns_topic.this["critical"].arn]

  metric_query {
    id          = "e1"
    expression  = "IF(requests > 50, 100 * FILL(errors, 0) / requests, 0)"
    label       = "Errors, percent"
    return_data = true
  }
  metric_query {
    id = "errors"
    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "HTTPCode_Target_5XX_Count"
      stat        = "Sum"
      period      = 60
      dimensions  = local.alb
    }
  }
  metric_query {
    id = "requests"
    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "RequestCount"
      stat        = "Sum"
      period      = 60
      dimensions  = local.alb
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "api_latency" {
  alarm_name                            = "${var.name}-api-p95"
  alarm_description                     = "One answer in twenty takes more than ${var.limits.p95_seconds} s"
  namespace                             = "AWS/ApplicationELB"
  metric_name                           = "TargetResponseTime"
  extended_statistic                    = "p95"
  evaluate_low_sample_count_percentiles = "ignore"
  dimensions                            = local.alb
  comparison_operator                   = "GreaterThanThreshold"
  threshold                             = var.limits.p95_seconds
  period                                = 60
  evaluation_periods                    = 5
  datapoints_to_alarm                   = 3
  treat_missing_data                    = "notBreaching"
  alarm_actions                         = [aws_sns_topic.this["critical"].arn]
  ok_actions                            = [aws_sns_topic.this["critical"].arn]
}
