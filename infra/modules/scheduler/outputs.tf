output "schedule_names" {
  description = "The schedules."
  value       = [for schedule in aws_scheduler_schedule.this : schedule.name]
}
