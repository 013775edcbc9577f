variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "vpc_id" {
  description = "Network of the groups."
  type        = string
}

variable "alb_ingress_cidrs" {
  description = "Who may reach the load balancer over HTTPS when no prefix list is given."
  type        = list(string)
  default     = ["0.0.0.0/0"]
  validation {
    condition     = alltrue([for cidr in var.alb_ingress_cidrs : can(cidrhost(cidr, 0))])
    error_message = "alb_ingress_cidrs: CIDR blocks."
  }
}

variable "alb_ingress_prefix_list_id" {
  description = "Managed prefix list, such as CloudFront's, that alone may reach the load balancer; null = the CIDR blocks."
  type        = string
  default     = null
}

variable "app_port" {
  description = "Port the tasks listen on."
  type        = number
  default     = 3000
}

variable "training" {
  description = "Whether workers that train have a group of their own."
  type        = bool
  default     = false
}
