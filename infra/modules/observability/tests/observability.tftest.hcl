mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name               = "shelfcast-test"
  account_id         = "123456789012"
  region             = "ap-south-1"
  kms_key_arn        = "arn:aws:kms:ap-south-1:123456789012:key/11111111-2222-4333-8444-555555555555"
  log_retention_days = 30
  critical_emails    = ["oncall@shelfcast.example"]
  warning_emails     = ["data-science@shelfcast.example"]
  always_on          = true
  limits             = { monthly_budget_dollars = 100 }
  alb                = { arn_suffix = "app/a/1", target_group_arn_suffix = "targetgroup/a/1" }
  services           = { cluster = "shelfcast-test", names = ["shelfcast-test-api"] }
  database           = { writer = { DBInstanceIdentifier = "a" }, replicas = [{ DBInstanceIdentifier = "a-replica-1" }], has_storage = true }
  cache_member_ids   = ["a-001"]
  waf_name           = "a"
  log_group_names    = ["/shelfcast-test/api"]
}

override_resource {
  target          = aws_sns_topic.this["critical"]
  override_during = plan
  values          = { arn = "arn:aws:sns:ap-south-1:123456789012:critical" }
}

override_resource {
  target          = aws_sns_topic.this["warning"]
  override_during = plan
  values          = { arn = "arn:aws:sns:ap-south-1:123456789012:warning" }
}

run "thresholds" {
  command = plan
  assert {
    condition     = aws_cloudwatch_metric_alarm.single["stockouts"].threshold == 50 && aws_cloudwatch_metric_alarm.single["stockouts"].period * aws_cloudwatch_metric_alarm.single["stockouts"].evaluation_periods == 900
    error_message = "StockoutCount > 50 for 15 minutes."
  }
  assert {
    condition     = one(aws_cloudwatch_metric_alarm.single["stockouts"].alarm_actions) == "arn:aws:sns:ap-south-1:123456789012:critical"
    error_message = "Stockouts are critical."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.forecast_bias.threshold == 25 && contains([for query in aws_cloudwatch_metric_alarm.forecast_bias.metric_query : query.expression if query.return_data == true], "ABS(m1)")
    error_message = "|ForecastBias| > 25 %."
  }
  assert {
    condition     = one(aws_cloudwatch_metric_alarm.forecast_bias.alarm_actions) == "arn:aws:sns:ap-south-1:123456789012:warning"
    error_message = "Bias is a warning."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.single["stream-lag"].metric_name == "StreamLagMilliseconds" && aws_cloudwatch_metric_alarm.api_latency.threshold == 5
    error_message = "Stream lag is watched; p95 above 5 s."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.single["no-healthy-target"].treat_missing_data == "breaching"
    error_message = "Silence is an outage."
  }
}

run "asleep_at_night" {
  command = plan
  variables {
    always_on = false
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.single["no-healthy-target"].treat_missing_data == "notBreaching"
    error_message = "Silence at night is no outage."
  }
}

run "nobody" {
  command = plan
  variables {
    critical_emails = []
  }
  expect_failures = [var.critical_emails]
}

run "plain_pager" {
  command = plan
  variables {
    critical_webhook = "http://pager.example"
  }
  expect_failures = [var.critical_webhook]
}
