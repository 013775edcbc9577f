variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "account_id" {
  description = "Account of the topics."
  type        = string
}

variable "region" {
  description = "Region that the dashboard shows."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the topics and the log of metrics."
  type        = string
}

variable "log_retention_days" {
  description = "Days that the log of metrics is kept."
  type        = number
}

variable "critical_emails" {
  description = "Who is called at night."
  type        = list(string)
  validation {
    condition     = length(var.critical_emails) > 0
    error_message = "critical_emails: at least one, else a critical alarm reaches nobody."
  }
}

variable "warning_emails" {
  description = "Who looks at warnings, the data scientists among them."
  type        = list(string)
  validation {
    condition     = length(var.warning_emails) > 0
    error_message = "warning_emails: at least one."
  }
}

variable "critical_webhook" {
  description = "HTTPS address of a pager; null = e-mail alone."
  type        = string
  default     = null
  validation {
    condition     = var.critical_webhook == null || can(regex("^https://", var.critical_webhook))
    error_message = "critical_webhook: an https address."
  }
}

variable "always_on" {
  description = "Whether tasks run day and night. Only then is silence an alarm."
  type        = bool
}

variable "limits" {
  description = "Where alarms begin."
  type = object({
    stockout_count         = optional(number, 50)
    forecast_bias_percent  = optional(number, 25)
    stream_lag_ms          = optional(number, 60000)
    error_percent          = optional(number, 1)
    p95_seconds            = optional(number, 5)
    queue_age_seconds      = optional(number, 900)
    db_cpu_percent         = optional(number, 80)
    db_free_storage_bytes  = optional(number, 10737418240)
    db_connections         = optional(number, 150)
    replica_lag_seconds    = optional(number, 30)
    cache_memory_percent   = optional(number, 75)
    refused_per_five_min   = optional(number, 2000)
    monthly_budget_dollars = number
  })
  validation {
    condition     = var.limits.p95_seconds > 0 && var.limits.error_percent > 0 && var.limits.error_percent < 100
    error_message = "limits: p95_seconds above 0, error_percent between 0 and 100."
  }
}

variable "alb" {
  description = "Load balancer and target group by their names in metrics."
  type        = object({ arn_suffix = string, target_group_arn_suffix = string })
}

variable "services" {
  description = "Cluster and services that are watched."
  type        = object({ cluster = string, names = list(string) })
}

variable "database" {
  description = "Dimensions of the writer and of each replica; whether the writer has storage of its own that may fill."
  type        = object({ writer = map(string), replicas = list(map(string)), has_storage = bool })
}

variable "cache_member_ids" {
  description = "Nodes of the cache."
  type        = list(string)
}

variable "waf_name" {
  description = "Firewall of the load balancer."
  type        = string
}

variable "log_group_names" {
  description = "Logs that saved queries search."
  type        = list(string)
}
