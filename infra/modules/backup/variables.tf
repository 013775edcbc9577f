variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "account_id" {
  description = "Account of the vaults."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the vault."
  type        = string
}

variable "replica_kms_key_arn" {
  description = "Key of the vault in the region of recovery."
  type        = string
  default     = null
}

variable "replicate" {
  description = "Whether backups are copied into the region of recovery."
  type        = bool
  default     = false
}

variable "keep_days" {
  description = "Days that each backup is kept."
  type        = object({ hourly = number, daily = number, monthly = number })
  validation {
    condition     = var.keep_days.hourly <= 35 && var.keep_days.daily >= 7 && var.keep_days.monthly >= var.keep_days.daily
    error_message = "keep_days: hourly at most 35, daily at least 7, monthly at least as long as daily."
  }
}

variable "lock_min_days" {
  description = "Days in which nobody, administrators included, shortens or deletes a backup; null = no lock."
  type        = number
  default     = null
}

variable "alert_topic_arn" {
  description = "Topic that hears of failed backups."
  type        = string
}
