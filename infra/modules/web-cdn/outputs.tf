output "domain_name" {
  description = "Where the dashboard is, when it has no name of its own."
  value       = aws_cloudfront_distribution.this.domain_name
}

output "distribution_id" {
  description = "The distribution, to drop cached pages after a release."
  value       = aws_cloudfront_distribution.this.id
}

output "distribution_arn" {
  description = "The distribution, for policies."
  value       = aws_cloudfront_distribution.this.arn
}

output "bucket" {
  description = "Bucket of the pages."
  value       = aws_s3_bucket.pages.id
}
