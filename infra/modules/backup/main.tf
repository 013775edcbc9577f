locals {
  copies = var.replicate ? [1] : []
  # Hourly, since at most an hour of work may be lost; PostgreSQL's own log loses less.
  rules = {
    hourly  = { schedule = "cron(0 * * * ? *)", keep = var.keep_days.hourly, copied = true }
    daily   = { schedule = "cron(30 20 * * ? *)", keep = var.keep_days.daily, copied = true }
    monthly = { schedule = "cron(30 21 1 * ? *)", keep = var.keep_days.monthly, copied = false }
  }
}

resource "aws_backup_vault" "this" {
  name        = var.name
  kms_key_arn = var.kms_key_arn
}

resource "aws_backup_vault" "replica" {
  count       = length(local.copies)
  provider    = aws.replica
  name        = "${var.name}-dr"
  kms_key_arn = var.replica_kms_key_arn
}

# Without `changeable_for_days` an administrator of the vault can still lift it.
resource "aws_backup_vault_lock_configuration" "this" {
  count              = var.lock_min_days == null ? 0 : 1
  backup_vault_name  = aws_backup_vault.this.name
  min_retention_days = var.lock_min_days
}

resource "aws_iam_role" "this" {
  name = "${var.name}-backup"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "backup.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = toset([
    "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
    "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores",
  ])
  role       = aws_iam_role.this.name
  policy_arn = each.value
}

resource "aws_backup_plan" "this" {
  name = var.name

  dynamic "rule" {
    for_each = local.rules
    content {
      rule_name         = rule.key
      target_vault_name = aws_backup_vault.this.name
      schedule          = rule.value.schedule
      start_window      = 60
      completion_window = 180
      lifecycle {
        delete_after = rule.value.keep
      }
      dynamic "copy_action" {
        for_each = rule.value.copied ? local.copies : []
        content {
          destination_vault_arn = aws_backup_vault.replica[0].arn
          lifecycle {
            delete_after = rule.value.keep
          }
        }
      }
    }
  }
}

resource "aws_backup_selection" "this" {
  name         = "tagged"
  plan_id      = aws_backup_plan.this.id
  iam_role_arn = aws_iam_role.this.arn

  selection_tag {
    type  = "STRINGEQUALS"
    key   = "Backup"
    value = "true"
  }
}

resource "aws_backup_vault_notifications" "this" {
  backup_vault_name   = aws_backup_vault.this.name
  sns_topic_arn       = var.alert_topic_arn
  backup_vault_events = ["BACKUP_JOB_FAILED", "RESTORE_JOB_FAILED", "COPY_JOB_FAILED"]
}
