variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the mount targets, one for each zone."
  type        = list(string)
}

variable "security_group_id" {
  description = "Group of the mount targets."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the files."
  type        = string
}

variable "owner_id" {
  description = "User and group that own the files: the container's."
  type        = number
  default     = 1000
}

variable "client_role_arns" {
  description = "Roles that may mount."
  type        = list(string)
}

variable "cold_after_days" {
  description = "Days after which a file nobody opened moves to cheaper storage."
  type        = number
  default     = 30
  validation {
    condition     = contains([1, 7, 14, 30, 60, 90, 180, 270, 365], var.cold_after_days)
    error_message = "cold_after_days: one of EFS's periods."
  }
}
