output "file_system_id" {
  description = "The file system."
  value       = aws_efs_file_system.this.id
}

output "file_system_arn" {
  description = "The file system, for policies and backups."
  value       = aws_efs_file_system.this.arn
}

output "access_point_id" {
  description = "The way in, as the container's user."
  value       = aws_efs_access_point.lake.id
}

output "access_point_arn" {
  description = "The way in, for policies."
  value       = aws_efs_access_point.lake.arn
}
