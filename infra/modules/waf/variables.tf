variable "name" {
  description = "Name of the firewall."
  type        = string
}

variable "scope" {
  description = "REGIONAL for a load balancer, CLOUDFRONT (with a provider of us-east-1) for a distribution."
  type        = string
  validation {
    condition     = contains(["REGIONAL", "CLOUDFRONT"], var.scope)
    error_message = "scope: REGIONAL or CLOUDFRONT."
  }
}

variable "resource_arns" {
  description = "Load balancers it guards, by a name; a distribution names its firewall itself."
  type        = map(string)
  default     = {}
}

variable "requests_per_five_minutes" {
  description = "Requests of one address in five minutes, above which it is refused; null = no limit, for a load balancer that sees only CloudFront's addresses. The application limits each caller more finely."
  type        = number
  default     = 30000
  validation {
    condition     = var.requests_per_five_minutes == null || try(var.requests_per_five_minutes >= 100, false)
    error_message = "requests_per_five_minutes: at least 100."
  }
}

variable "log_retention_days" {
  description = "Days that refused requests are kept; null = none are, since CloudFront's firewall would keep them in us-east-1."
  type        = number
}

variable "logs_kms_key_arn" {
  description = "Key of the log, in the firewall's region; null = CloudWatch's own."
  type        = string
  default     = null
}
