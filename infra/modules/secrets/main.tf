locals {
  made = {
    JWT_SECRET        = "Signs the tokens of the API"
    ADMIN_PASSWORD    = "Password of the first administrator; changed after the first sign-in"
    REDIS_PASSWORD    = "Token of queues and cache"
    DATABASE_PASSWORD = "Password of the database's owner"

    API_DATABASE_PASSWORD    = "Password of the API's user of the database"
    WORKER_DATABASE_PASSWORD = "Password of the workers' user of the database"
  }
  all = merge(local.made, { for setting in var.external : setting => "Given by others" })
}

resource "aws_secretsmanager_secret" "this" {
  for_each                = local.all
  name                    = "${var.name}/${each.key}"
  description             = each.value
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_days
}

# Write-only arguments: neither plan nor state holds them.
resource "aws_secretsmanager_secret_version" "jwt_secret" {
  secret_id                = aws_secretsmanager_secret.this["JWT_SECRET"].id
  secret_string_wo         = var.values.jwt_secret
  secret_string_wo_version = var.jwt_version
}

resource "aws_secretsmanager_secret_version" "admin_password" {
  secret_id                = aws_secretsmanager_secret.this["ADMIN_PASSWORD"].id
  secret_string_wo         = var.values.admin_password
  secret_string_wo_version = var.values_version
}

resource "aws_secretsmanager_secret_version" "redis_password" {
  secret_id                = aws_secretsmanager_secret.this["REDIS_PASSWORD"].id
  secret_string_wo         = var.values.redis_password
  secret_string_wo_version = var.values_version
}

resource "aws_secretsmanager_secret_version" "database_password" {
  secret_id                = aws_secretsmanager_secret.this["DATABASE_PASSWORD"].id
  secret_string_wo         = var.values.database_password
  secret_string_wo_version = var.values_version
}

resource "aws_secretsmanager_secret_version" "api_database_password" {
  secret_id                = aws_secretsmanager_secret.this["API_DATABASE_PASSWORD"].id
  secret_string_wo         = var.values.api_database_password
  secret_string_wo_version = var.values_version
}

resource "aws_secretsmanager_secret_version" "worker_database_password" {
  secret_id                = aws_secretsmanager_secret.this["WORKER_DATABASE_PASSWORD"].id
  secret_string_wo         = var.values.worker_database_password
  secret_string_wo_version = var.values_version
}
