variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the secrets."
  type        = string
}

variable "values" {
  description = "First values of the secrets that are made here. They pass through and are written nowhere."
  type        = object({ jwt_secret = string, admin_password = string, redis_password = string, database_password = string, api_database_password = string, worker_database_password = string })
  sensitive   = true
  ephemeral   = true
}

variable "values_version" {
  description = "Raised by one, it writes the values again, all but JWT_SECRET."
  type        = number
  default     = 1
  validation {
    condition     = var.values_version >= 1 && floor(var.values_version) == var.values_version
    error_message = "values_version: a whole number from 1."
  }
}

variable "jwt_version" {
  description = "Raised by one, it writes JWT_SECRET again; Secrets Manager keeps the value before it as AWSPREVIOUS."
  type        = number
  default     = 1
  validation {
    condition     = var.jwt_version >= 1 && floor(var.jwt_version) == var.jwt_version
    error_message = "jwt_version: a whole number from 1."
  }
}

variable "external" {
  description = "Settings whose values others give, such as FRED_API_KEY; they are set by hand before a task reads them."
  type        = set(string)
  default     = []
  validation {
    condition     = alltrue([for name in var.external : can(regex("^[A-Z][A-Z0-9_]*$", name))])
    error_message = "external: names of settings."
  }
}

variable "recovery_days" {
  description = "Days in which a deleted secret can be brought back; 0 = none."
  type        = number
  default     = 30
  validation {
    condition     = var.recovery_days == 0 || (var.recovery_days >= 7 && var.recovery_days <= 30)
    error_message = "recovery_days: 0, or 7 to 30."
  }
}
