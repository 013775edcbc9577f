output "worker_policies" {
  description = "Policies for the role of a worker's task, by name."
  value       = { lake = local.worker }
}

output "api_policies" {
  description = "Policies for the role of the API's task, by name."
  value       = { "no-buckets" = local.api_has_no_bucket, "take-upload-role" = local.api_takes_role }
}

output "upload_role_arn" {
  description = "Role the API takes for uploads (`LAKE_ROLE_ARN`)."
  value       = aws_iam_role.upload.arn
}
