output "user_pool_id" {
  description = "The pool."
  value       = aws_cognito_user_pool.this.id
}

output "issuer" {
  description = "Issuer of its tokens."
  value       = "https://${aws_cognito_user_pool.this.endpoint}"
}

output "client_id" {
  description = "The dashboard as a client."
  value       = aws_cognito_user_pool_client.dashboard.id
}

output "group_names" {
  description = "Groups that carry a role."
  value       = sort(keys(aws_cognito_user_group.this))
}
