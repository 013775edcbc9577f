variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "account_id" {
  description = "Account that is watched."
  type        = string
}

variable "region" {
  description = "Home region of the trail."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the trail and its log."
  type        = string
}

variable "log_retention_days" {
  description = "Days that the trail can be searched; its files are kept as long as `keep_days`."
  type        = number
}

variable "keep_days" {
  description = "Days that the trail's files are kept."
  type        = number
  default     = 730
}

variable "lock_days" {
  description = "Days in which nobody can delete a file of the trail; null = no lock. Cannot be undone."
  type        = number
  default     = null
}

variable "data_event_bucket_arns" {
  description = "Buckets whose reads and writes are recorded one by one."
  type        = list(string)
}

variable "alert_topic_arn" {
  description = "Topic that hears of threats."
  type        = string
}

variable "enable_config" {
  description = "Whether AWS Config records every change of a resource (paid by change)."
  type        = bool
  default     = false
}

variable "force_destroy" {
  description = "Whether the bucket may be deleted with its files."
  type        = bool
  default     = false
}
