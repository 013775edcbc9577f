output "arn" {
  description = "The load balancer."
  value       = aws_lb.this.arn
}

output "arn_suffix" {
  description = "Its name in metrics."
  value       = aws_lb.this.arn_suffix
}

output "dns_name" {
  description = "Where it answers."
  value       = aws_lb.this.dns_name
}

output "zone_id" {
  description = "Zone of its name, for alias records."
  value       = aws_lb.this.zone_id
}

output "target_group_arn" {
  description = "Group the API's tasks enter."
  value       = aws_lb_target_group.api.arn
}

output "target_group_arn_suffix" {
  description = "Its name in metrics."
  value       = aws_lb_target_group.api.arn_suffix
}

output "https_listener_arn" {
  description = "The listener that forwards; a service must not start before it."
  value       = aws_lb_listener.https.arn
}
