variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "account_id" {
  description = "Account that owns the keys."
  type        = string
  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id: twelve digits."
  }
}

variable "region" {
  description = "Region of the keys."
  type        = string
}

variable "multi_region" {
  description = "Whether the keys may be replicated into the region of recovery. Cannot be changed later."
  type        = bool
  default     = false
}

variable "deletion_window_days" {
  description = "Days in which the deletion of a key can be called off."
  type        = number
  default     = 30
  validation {
    condition     = var.deletion_window_days >= 7 && var.deletion_window_days <= 30
    error_message = "deletion_window_days: 7 to 30."
  }
}
