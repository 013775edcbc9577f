variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "mode" {
  description = "`rds`: one PostgreSQL instance with replicas; `aurora_serverless`: an Aurora cluster paid by use."
  type        = string
  default     = "rds"
  validation {
    condition     = contains(["rds", "aurora_serverless"], var.mode)
    error_message = "mode: rds or aurora_serverless."
  }
}

variable "engine_version" {
  description = "PostgreSQL's version, a major one alone lets AWS choose the minor."
  type        = string
  default     = "18"
  validation {
    condition     = can(regex("^(1[6-9]|[2-9][0-9])(\\.[0-9]+)?$", var.engine_version))
    error_message = "engine_version: 16 or newer."
  }
}

variable "instance_class" {
  description = "Size of the instances, for `rds`."
  type        = string
  default     = "db.t4g.medium"
}

variable "serverless_capacity" {
  description = "Smallest and largest capacity in ACU, for `aurora_serverless`."
  type        = object({ min = number, max = number })
  default     = { min = 0.5, max = 4 }
  validation {
    condition     = var.serverless_capacity.min <= var.serverless_capacity.max && var.serverless_capacity.max <= 256
    error_message = "serverless_capacity: min must not lie above max, nor max above 256."
  }
}

variable "storage_gb" {
  description = "Storage at the start and at most, for `rds`."
  type        = object({ initial = number, max = number })
  default     = { initial = 50, max = 500 }
  validation {
    condition     = var.storage_gb.initial >= 20 && var.storage_gb.max > var.storage_gb.initial
    error_message = "storage_gb: at least 20, and max above initial so that it can grow."
  }
}

variable "multi_az" {
  description = "Whether a standby in another zone takes over."
  type        = bool
}

variable "replica_count" {
  description = "Instances that only read."
  type        = number
  default     = 0
  validation {
    condition     = var.replica_count >= 0 && var.replica_count <= 5
    error_message = "replica_count: 0 to 5."
  }
}

variable "backup_retention_days" {
  description = "Days back to which any point in time can be restored."
  type        = number
  validation {
    condition     = var.backup_retention_days >= 7 && var.backup_retention_days <= 35
    error_message = "backup_retention_days: 7 to 35."
  }
}

variable "replicate_backups_kms_key_arn" {
  description = "Key of the copies in the region of recovery."
  type        = string
  default     = null
}

variable "replicate_backups" {
  description = "Whether snapshots and logs are copied into the region of recovery all the time (`rds` only)."
  type        = bool
  default     = false
}

variable "deletion_protection" {
  description = "Whether the database refuses to be deleted, and a last snapshot is taken if it is."
  type        = bool
}

variable "subnet_ids" {
  description = "Subnets of the data tier."
  type        = list(string)
}

variable "security_group_id" {
  description = "Group that lets the tasks in."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the data."
  type        = string
}

variable "password" {
  description = "Password of the owner. It passes through to the server and is written nowhere."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "password_version" {
  description = "Raised by one, it writes the password again."
  type        = number
  default     = 1
}

variable "log_retention_days" {
  description = "Days that the server's log is kept."
  type        = number
}

variable "logs_kms_key_arn" {
  description = "Key of the server's log."
  type        = string
}
