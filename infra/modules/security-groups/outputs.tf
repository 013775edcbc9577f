output "alb_id" {
  description = "Security group `alb`."
  value       = aws_security_group.alb.id
}

output "app_id" {
  description = "Security group `app`."
  value       = aws_security_group.app.id
}

output "training_id" {
  description = "Security group `training`; null where there is none."
  value       = one(aws_security_group.training[*].id)
}

output "db_id" {
  description = "Security group `db`."
  value       = aws_security_group.db.id
}

output "cache_id" {
  description = "Security group `cache`."
  value       = aws_security_group.cache.id
}

output "endpoints_id" {
  description = "Security group `endpoints`."
  value       = aws_security_group.endpoints.id
}

