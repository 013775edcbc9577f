# AWS starts a stopped instance again after seven days: stopping it each night keeps it down.
locals {
  database_arn = "arn:aws:rds:${var.region}:${var.account_id}:db:${var.database_identifier}"
  actions = {
    stop  = { schedule = var.night.stop, call = "stopDBInstance" }
    start = { schedule = var.night.start, call = "startDBInstance" }
  }
}

resource "aws_scheduler_schedule_group" "this" {
  name = var.name
}

resource "aws_iam_role" "this" {
  name = "${var.name}-night"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "stop-and-start"
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["rds:StopDBInstance", "rds:StartDBInstance"], Resource = local.database_arn }]
  })
}

resource "aws_scheduler_schedule" "this" {
  for_each                     = local.actions
  name                         = "${var.name}-database-${each.key}"
  group_name                   = aws_scheduler_schedule_group.this.name
  schedule_expression          = each.value.schedule
  schedule_expression_timezone = var.night.timezone

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:aws:scheduler:::aws-sdk:rds:${each.value.call}"
    role_arn = aws_iam_role.this.arn
    input    = jsonencode({ DbInstanceIdentifier = var.database_identifier })
    retry_policy {
      maximum_retry_attempts       = 5
      maximum_event_age_in_seconds = 3600
    }
  }
}
