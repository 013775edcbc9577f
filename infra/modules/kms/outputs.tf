output "data_key_arn" {
  description = "Key of database, cache and buckets."
  value       = aws_kms_key.this["data"].arn
}

output "secrets_key_arn" {
  description = "Key of the application's secrets."
  value       = aws_kms_key.this["secrets"].arn
}

output "logs_key_arn" {
  description = "Key of logs, trail and notifications."
  value       = aws_kms_key.this["logs"].arn
}

output "replica_data_key_arn" {
  description = "The data key in the region of recovery; null without one."
  value       = one(aws_kms_replica_key.data[*].arn)
}
