output "role_arns" {
  description = "Roles `plan` and `apply`, for the workflows."
  value       = { for purpose, role in aws_iam_role.this : purpose => role.arn }
}
