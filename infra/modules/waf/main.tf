locals {
  # Rules of these groups that only count: they refuse bodies above 8 KiB, which every upload of sales is.
  managed = {
    AWSManagedRulesAmazonIpReputationList = { priority = 2, count_only = [] }
    AWSManagedRulesCommonRuleSet          = { priority = 3, count_only = ["SizeRestrictions_BODY"] }
    AWSManagedRulesKnownBadInputsRuleSet  = { priority = 4, count_only = [] }
    AWSManagedRulesSQLiRuleSet            = { priority = 5, count_only = [] }
  }
}

resource "aws_wafv2_web_acl" "this" {
  name        = var.name
  description = "Rate, injection, cross-site scripting, known bad inputs"
  scope       = var.scope

  default_action {
    allow {}
  }

  dynamic "rule" {
    for_each = var.requests_per_five_minutes == null ? [] : [var.requests_per_five_minutes]
    content {
      name     = "rate"
      priority = 1
      action {
        block {
          custom_response {
            response_code = 429
          }
        }
      }
      statement {
        rate_based_statement {
          limit                 = rule.value
          evaluation_window_sec = 300
          aggregate_key_type    = "IP"
        }
      }
      visibility_config {
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = true
        metric_name                = "rate"
      }
    }
  }

  dynamic "rule" {
    for_each = local.managed
    content {
      name     = rule.key
      priority = rule.value.priority
      override_action {
        none {}
      }
      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.key
          dynamic "rule_action_override" {
            for_each = rule.value.count_only
            content {
              name = rule_action_override.value
              action_to_use {
                count {}
              }
            }
          }
        }
      }
      visibility_config {
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = true
        metric_name                = rule.key
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    sampled_requests_enabled   = true
    metric_name                = var.name
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  for_each     = var.resource_arns
  resource_arn = each.value
  web_acl_arn  = aws_wafv2_web_acl.this.arn
}

# The service insists on names that begin like this.
resource "aws_cloudwatch_log_group" "this" {
  count             = var.log_retention_days == null ? 0 : 1
  name              = "aws-waf-logs-${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_kms_key_arn
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  count                   = var.log_retention_days == null ? 0 : 1
  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.this[0].arn]

  redacted_fields {
    single_header {
      name = "authorization"
    }
  }
  redacted_fields {
    single_header {
      name = "x-api-key"
    }
  }
  redacted_fields {
    single_header {
      name = "cookie"
    }
  }

  logging_filter {
    default_behavior = "DROP"
    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"
      condition {
        action_condition {
          action = "BLOCK"
        }
      }
      condition {
        action_condition {
          action = "COUNT"
        }
      }
    }
  }
}
