variable "name" {
  description = "Prefix of every bucket; with the account it must be unique in the world."
  type        = string
}

variable "account_id" {
  description = "Account of the buckets, part of their names."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the objects."
  type        = string
}

variable "replica_kms_key_arn" {
  description = "Key of the copies in the region of recovery."
  type        = string
  default     = null
}

variable "replicate" {
  description = "Whether zones are copied into the region of recovery."
  type        = bool
  default     = false
}

variable "replicated_zones" {
  description = "Zones that are copied when there is a region of recovery."
  type        = set(string)
  default     = ["raw", "curated", "model-artifacts", "work", "backups"]
  validation {
    condition     = !contains(var.replicated_zones, "logs")
    error_message = "replicated_zones: logs are not copied."
  }
}

variable "noncurrent_days" {
  description = "Days that an overwritten or deleted object can be brought back."
  type        = number
  default     = 90
  validation {
    condition     = var.noncurrent_days >= 7
    error_message = "noncurrent_days: at least 7."
  }
}

variable "log_retention_days" {
  description = "Days that access logs are kept."
  type        = number
}

variable "force_destroy" {
  description = "Whether buckets may be deleted with what they hold. Never in production."
  type        = bool
  default     = false
}
