variable "name" {
  description = "Name of the cluster."
  type        = string
}

variable "logs_kms_key_arn" {
  description = "Key of what is typed in exec sessions."
  type        = string
}

variable "log_retention_days" {
  description = "Days that exec sessions are kept."
  type        = number
}
