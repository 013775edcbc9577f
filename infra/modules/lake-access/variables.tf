variable "name" {
  description = "Prefix of the role's name."
  type        = string
}

variable "region" {
  description = "Region of the buckets, through whose S3 alone the key is used."
  type        = string
}

variable "bucket_arns" {
  description = "Bucket of each zone that the application uses."
  type        = object({ raw = string, curated = string, features = string, model-artifacts = string, work = string })
}

variable "kms_key_arn" {
  description = "Key of the objects."
  type        = string
}

variable "uploader_role_arn" {
  description = "Role of the API's task, the only one that may take the upload role."
  type        = string
  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/", var.uploader_role_arn))
    error_message = "uploader_role_arn: one role, without wildcards."
  }
}
