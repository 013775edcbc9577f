output "arn" {
  description = "The cluster."
  value       = aws_ecs_cluster.this.arn
}

output "name" {
  description = "Its name, in metrics and scaling targets."
  value       = aws_ecs_cluster.this.name
}
