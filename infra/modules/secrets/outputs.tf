output "arns" {
  description = "Secret of each setting."
  value       = { for setting, secret in aws_secretsmanager_secret.this : setting => secret.arn }
}
