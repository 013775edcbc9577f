output "topic_arns" {
  description = "Topics `critical` and `warning`."
  value       = { for severity, topic in aws_sns_topic.this : severity => topic.arn }
}

output "metrics_log_group" {
  description = "Where collectors write."
  value       = aws_cloudwatch_log_group.metrics.name
}

output "alarm_names" {
  description = "Every alarm."
  value = sort(concat(
    [for alarm in aws_cloudwatch_metric_alarm.single : alarm.alarm_name],
    [aws_cloudwatch_metric_alarm.forecast_bias.alarm_name, aws_cloudwatch_metric_alarm.api_errors.alarm_name, aws_cloudwatch_metric_alarm.api_latency.alarm_name],
  ))
}
