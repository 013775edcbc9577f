output "vault_arn" {
  description = "The vault."
  value       = aws_backup_vault.this.arn
}

output "role_arn" {
  description = "Role that restores."
  value       = aws_iam_role.this.arn
}

output "plan_id" {
  description = "The plan."
  value       = aws_backup_plan.this.id
}
