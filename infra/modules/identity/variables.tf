variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "domain_prefix" {
  description = "Prefix of the sign-in pages' address, unique in the region."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.domain_prefix)) && !can(regex("aws|amazon|cognito", var.domain_prefix))
    error_message = "domain_prefix: lower-case letters, digits and hyphens, without aws, amazon or cognito."
  }
}

variable "callback_urls" {
  description = "Where sign-in may lead back to."
  type        = list(string)
  validation {
    condition     = length(var.callback_urls) > 0 && alltrue([for url in var.callback_urls : startswith(url, "https://")])
    error_message = "callback_urls: at least one, all https."
  }
}

variable "logout_urls" {
  description = "Where signing out may lead to."
  type        = list(string)
  default     = []
}

variable "deletion_protection" {
  description = "Whether the pool refuses to be deleted with its users."
  type        = bool
}

variable "threat_protection" {
  description = "Whether Cognito watches for stolen passwords (tier PLUS, paid by user)."
  type        = bool
  default     = false
}
