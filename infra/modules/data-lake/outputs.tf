output "bucket_names" {
  description = "Bucket of each zone."
  value       = { for zone, bucket in aws_s3_bucket.this : zone => bucket.id }
}

output "bucket_arns" {
  description = "The same, for policies."
  value       = { for zone, bucket in aws_s3_bucket.this : zone => "arn:aws:s3:::${bucket.bucket}" }
}

output "url" {
  description = "Address of the lake as the application reads it, with `{zone}` for the zone of a bucket (`LAKE_URL`)."
  value       = "s3://${var.name}-{zone}-${var.account_id}"
}

output "logs_bucket" {
  description = "Where access logs go. Known only once its policy lets them in."
  value       = aws_s3_bucket_policy.this["logs"].bucket
}

output "replica_bucket_names" {
  description = "Copies in the region of recovery."
  value       = { for zone, bucket in aws_s3_bucket.replica : zone => bucket.id }
}
