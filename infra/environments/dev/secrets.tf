# Made in memory at each plan and apply, written only where a version is new, kept in no plan and no state.
ephemeral "aws_secretsmanager_random_password" "made" {
  for_each            = toset(["jwt_secret", "admin_password", "redis_password", "database_password", "api_database_password", "worker_database_password"])
  password_length     = 48
  exclude_punctuation = true
}

locals {
  secret_values = { for name, made in ephemeral.aws_secretsmanager_random_password.made : name => made.random_password }
}
