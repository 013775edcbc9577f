variable "account_id" {
  description = "Account that is made ready."
  type        = string
  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id: twelve digits."
  }
}

variable "region" {
  description = "Region of the state."
  type        = string
  default     = "ap-south-1"
}

variable "repository" {
  description = "Repository on GitHub whose workflows plan and apply, as owner/name."
  type        = string
}

variable "environments" {
  description = "Environments of that repository that live in this account."
  type        = set(string)
}
