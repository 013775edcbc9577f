output "backend" {
  description = "Contents of `backend.hcl` in each environment."
  value       = { bucket = aws_s3_bucket.state.id, region = var.region, kms_key_id = aws_kms_key.state.arn }
}

output "repository" {
  description = "Repository of the images, for `terraform.tfvars`."
  value       = { url = module.ecr.repository_url, arn = module.ecr.repository_arn }
}

output "role_arns" {
  description = "Roles `plan` and `apply`, for the variables of the workflows."
  value       = module.ci.role_arns
}
