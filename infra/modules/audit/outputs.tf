output "trail_arn" {
  description = "The trail."
  value       = aws_cloudtrail.this.arn
}

output "trail_bucket" {
  description = "Where its files lie."
  value       = aws_s3_bucket.trail.id
}

output "detector_id" {
  description = "GuardDuty's detector."
  value       = aws_guardduty_detector.this.id
}
