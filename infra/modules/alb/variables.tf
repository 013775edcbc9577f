variable "name" {
  description = "Name of the load balancer; at most 32 characters, so short prefixes."
  type        = string
  validation {
    condition     = length(var.name) <= 28
    error_message = "name: at most 28 characters."
  }
}

variable "vpc_id" {
  description = "Network of the target group."
  type        = string
}

variable "subnet_ids" {
  description = "Public subnets in different zones."
  type        = list(string)
  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids: at least two."
  }
}

variable "security_group_id" {
  description = "Group of the load balancer."
  type        = string
}

variable "certificate_arn" {
  description = "Certificate of the HTTPS listener, in this region."
  type        = string
  validation {
    condition     = can(regex("^arn:aws[a-z-]*:acm:", var.certificate_arn))
    error_message = "certificate_arn: the ARN of an ACM certificate."
  }
}

variable "ssl_policy" {
  description = "What TLS the listener speaks. The default prefers TLS 1.3 and still takes 1.2, which CloudFront may speak to it; 1.3 alone is allowed too."
  type        = string
  default     = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  validation {
    condition     = startswith(var.ssl_policy, "ELBSecurityPolicy-TLS13-1-3-") || startswith(var.ssl_policy, "ELBSecurityPolicy-TLS13-1-2-")
    error_message = "ssl_policy: one of the TLS13-1-3 or TLS13-1-2 policies."
  }
}

variable "app_port" {
  description = "Port of the tasks."
  type        = number
  default     = 3000
}

variable "access_logs_bucket" {
  description = "Bucket of the access logs."
  type        = string
}

variable "deletion_protection" {
  description = "Whether the load balancer refuses to be deleted."
  type        = bool
}

variable "idle_timeout_seconds" {
  description = "Silence after which a connection is closed. Uploads stream, so it need not cover a whole one; requests end after 30 s."
  type        = number
  default     = 60
}

variable "deregistration_delay_seconds" {
  description = "Time a leaving task still gets to answer."
  type        = number
  default     = 30
}
