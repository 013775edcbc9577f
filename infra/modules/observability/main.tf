locals {
  topics = { critical = "Somebody must act now", warning = "Somebody must look today" }
  mail = merge(
    { for address in var.critical_emails : "critical-${address}" => { topic = "critical", address = address } },
    { for address in var.warning_emails : "warning-${address}" => { topic = "warning", address = address } },
  )
}

resource "aws_sns_topic" "this" {
  for_each          = local.topics
  name              = "${var.name}-${each.key}"
  display_name      = each.value
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_policy" "this" {
  for_each = local.topics
  arn      = aws_sns_topic.this[each.key].arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Publishers"
        Effect    = "Allow"
        Principal = { Service = ["cloudwatch.amazonaws.com", "events.amazonaws.com", "budgets.amazonaws.com", "backup.amazonaws.com"] }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.this[each.key].arn
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.this[each.key].arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "mail" {
  for_each  = local.mail
  topic_arn = aws_sns_topic.this[each.value.topic].arn
  protocol  = "email"
  endpoint  = each.value.address
}

resource "aws_sns_topic_subscription" "pager" {
  count     = var.critical_webhook == null ? 0 : 1
  topic_arn = aws_sns_topic.this["critical"].arn
  protocol  = "https"
  endpoint  = var.critical_webhook
}

# The collectors write metrics here, and CloudWatch reads them out of it.
resource "aws_cloudwatch_log_group" "metrics" {
  name              = "/${var.name}/metrics"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_cloudwatch_query_definition" "this" {
  for_each = {
    "by-correlation-id" = "fields @timestamp, service, level, coalesce(msg, message) as text, err.message | filter correlation_id = 'ID' | sort @timestamp asc"
    "errors"            = "fields @timestamp, service, coalesce(msg, message) as text, err.message, err.stack, correlation_id | filter level >= 50 | sort @timestamp desc | limit 200"
    "refused-sign-ins"  = "filter message = 'sign-in refused' | stats count(*) as refused by ip, bin(5m) | sort refused desc"
    "jobs-failed"       = "filter message like /failed/ and ispresent(job_id) | stats count(*) as failed by message, bin(1h)"
  }
  name            = "${var.name}/${each.key}"
  query_string    = each.value
  log_group_names = var.log_group_names
}

resource "aws_budgets_budget" "monthly" {
  name         = "${var.name}-monthly"
  budget_type  = "COST"
  limit_amount = tostring(var.limits.monthly_budget_dollars)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  dynamic "notification" {
    for_each = { ACTUAL = 80, FORECASTED = 100 }
    content {
      notification_type         = notification.key
      threshold                 = notification.value
      threshold_type            = "PERCENTAGE"
      comparison_operator       = "GREATER_THAN"
      subscriber_sns_topic_arns = [aws_sns_topic.this["warning"].arn]
    }
  }
}
