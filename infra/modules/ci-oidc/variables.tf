variable "name" {
  description = "Prefix of the roles, and of every resource they may touch."
  type        = string
}

variable "account_id" {
  description = "Account of the roles."
  type        = string
}

variable "repository" {
  description = "The one repository whose workflows may take a role, as owner/name."
  type        = string
  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", var.repository))
    error_message = "repository: owner/name, without wildcards."
  }
}

variable "environments" {
  description = "Environments of that repository that may change things; their rules say who approves."
  type        = set(string)
  validation {
    condition     = length(var.environments) > 0 && alltrue([for name in var.environments : can(regex("^[a-z][a-z0-9-]*$", name))])
    error_message = "environments: at least one, lower-case, without wildcards."
  }
}

variable "state_bucket_arn" {
  description = "Bucket of the states."
  type        = string
}

variable "state_key_arn" {
  description = "Key of the states."
  type        = string
}

variable "create_provider" {
  description = "Whether the account's trust in GitHub is made here; it can exist only once."
  type        = bool
  default     = true
}
