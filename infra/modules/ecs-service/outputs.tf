output "service_name" {
  description = "The service, null for a definition only."
  value       = one(aws_ecs_service.this[*].name)
}

output "task_definition_arn" {
  description = "The definition with its revision."
  value       = aws_ecs_task_definition.this.arn
}

output "task_definition_family" {
  description = "The definition without a revision: its latest."
  value       = aws_ecs_task_definition.this.family
}

output "container_definitions" {
  description = "What the containers are given, for tests."
  value       = aws_ecs_task_definition.this.container_definitions
}

output "task_role_arn" {
  description = "Role of the process."
  value       = aws_iam_role.task.arn
}

output "execution_role_arn" {
  description = "Role of the agent."
  value       = aws_iam_role.execution.arn
}

output "log_group_name" {
  description = "Where the process logs."
  value       = aws_cloudwatch_log_group.this.name
}
