output "arn" {
  description = "The firewall."
  value       = aws_wafv2_web_acl.this.arn
}

output "name" {
  description = "Its name, in metrics."
  value       = aws_wafv2_web_acl.this.name
}
