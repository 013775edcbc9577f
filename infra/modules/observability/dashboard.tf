locals {
  rows = [
    { title = "Requests", stat = "Sum", metrics = [["AWS/ApplicationELB", "RequestCount", "LoadBalancer", var.alb.arn_suffix], [".", "HTTPCode_Target_5XX_Count", ".", "."], [".", "HTTPCode_Target_4XX_Count", ".", "."]] },
    { title = "Latency p95, s", stat = "p95", metrics = [["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", var.alb.arn_suffix]] },
    { title = "CPU of tasks, %", stat = "Average", metrics = [for service in var.services.names : ["AWS/ECS", "CPUUtilization", "ClusterName", var.services.cluster, "ServiceName", service]] },
    { title = "Memory of tasks, %", stat = "Average", metrics = [for service in var.services.names : ["AWS/ECS", "MemoryUtilization", "ClusterName", var.services.cluster, "ServiceName", service]] },
    { title = "Database CPU, %", stat = "Average", metrics = [concat(["AWS/RDS", "CPUUtilization"], flatten([for key, value in var.database.writer : [key, value]]))] },
    { title = "Database disk free, bytes", stat = "Minimum", metrics = [concat(["AWS/RDS", "FreeStorageSpace"], flatten([for key, value in var.database.writer : [key, value]]))] },
    { title = "Network of tasks, bytes a second", stat = "Sum", metrics = [for pair in setproduct(var.services.names, ["Rx", "Tx"]) : ["ECS/ContainerInsights", "Network${pair[1]}Bytes", "ClusterName", var.services.cluster, "ServiceName", pair[0]]] },
    { title = "Redis memory, %", stat = "Maximum", metrics = [for id in var.cache_member_ids : ["AWS/ElastiCache", "DatabaseMemoryUsagePercentage", "CacheClusterId", id]] },
    { title = "Products out of stock", stat = "Maximum", metrics = [["FMCG/Business", "StockoutCount"]] },
    { title = "Forecast bias and error (WAPE), %", stat = "Average", metrics = [["FMCG/Business", "ForecastBias"], ["FMCG/Business", "ForecastWape"]] },
    { title = "Stream lag, ms", stat = "Maximum", metrics = [["FMCG/System", "StreamLagMilliseconds"]] },
    { title = "Jobs waiting; oldest, s", stat = "Maximum", metrics = [["FMCG/System", "JobsWaiting"], ["FMCG/System", "OldestJobAgeSeconds"]] },
    { title = "Forecast cache look-ups", stat = "Sum", metrics = [["FMCG/System", "CacheLookups", "result", "hit"], [".", ".", ".", "miss"]] },
    { title = "Refused by the firewall", stat = "Sum", metrics = [["AWS/WAFV2", "BlockedRequests", "WebACL", var.waf_name, "Region", var.region, "Rule", "ALL"]] },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = [for i, row in local.rows : {
      type       = "metric"
      x          = (i % 3) * 8
      y          = floor(i / 3) * 6
      width      = 8
      height     = 6
      properties = { title = row.title, region = var.region, stat = row.stat, period = 60, metrics = row.metrics, view = "timeSeries" }
    }]
  })
}
