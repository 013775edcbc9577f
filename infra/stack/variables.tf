variable "environment" {
  description = "Which of the environments this is."
  type        = string
  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "environment: dev, staging or prod."
  }
}

variable "account_id" {
  description = "Account that everything lies in."
  type        = string
  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id: twelve digits."
  }
}

variable "region" {
  description = "Region that everything lies in."
  type        = string
  default     = "ap-south-1"
}

variable "dr_region" {
  description = "Region of recovery, where copies go; null = none leave the region."
  type        = string
  default     = "ap-south-2"
  nullable    = true
}

variable "data_residency" {
  description = "Country the data must not leave, such as IN; null = none."
  type        = string
  default     = "IN"
  validation {
    condition     = var.data_residency == null || var.data_residency == "IN"
    error_message = "data_residency: IN, or null."
  }
}

variable "azs" {
  description = "Two availability zones of the region."
  type        = list(string)
  default     = ["ap-south-1a", "ap-south-1b"]
}

variable "repository" {
  description = "Repository of the images: address and ARN."
  type        = object({ url = string, arn = string })
}

variable "image_tag" {
  description = "Tag of the image that runs, a commit."
  type        = string
  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{7,128}$", var.image_tag)) && var.image_tag != "latest"
    error_message = "image_tag: a tag that names one build."
  }
}

variable "domain" {
  description = "Names and certificates: of the API in this region, of the dashboard in us-east-1. `hosted_zone_id` set = the records are made too."
  type = object({
    api                       = string
    dashboard                 = string
    api_certificate_arn       = string
    dashboard_certificate_arn = string
    hosted_zone_id            = optional(string)
  })
}

variable "cloudfront_prefix_list_id" {
  description = "AWS's list of CloudFront's addresses in this region (com.amazonaws.global.cloudfront.origin-facing); set = nobody else reaches the load balancer."
  type        = string
  default     = null
}

variable "alerts" {
  description = "Who hears of alarms."
  type        = object({ critical_emails = list(string), warning_emails = list(string), critical_webhook = optional(string) })
}

variable "monthly_budget_dollars" {
  description = "What a month may cost before somebody is told."
  type        = number
  validation {
    condition     = var.monthly_budget_dollars > 0
    error_message = "monthly_budget_dollars: above 0."
  }
}

variable "admin_email" {
  description = "Address of the first administrator."
  type        = string
}

variable "settings" {
  description = "Further settings of the application that are no secret, by their names in its README."
  type        = map(string)
  default     = {}
}

variable "external_secrets" {
  description = "Further settings that are secret; their values are set by hand in Secrets Manager."
  type        = set(string)
  default     = []
}

variable "secret_values" {
  description = "First values of the secrets, from the root's ephemeral resources."
  type        = object({ jwt_secret = string, admin_password = string, redis_password = string, database_password = string, api_database_password = string, worker_database_password = string })
  sensitive   = true
  ephemeral   = true
}

variable "secret_values_version" {
  description = "Raised by one, all of them but JWT_SECRET are written anew."
  type        = number
  default     = 1
}

variable "jwt_secret" {
  description = "Raised by one, `version` writes JWT_SECRET anew. `rotation` says which signs meanwhile: `none` = the latest, no other is accepted; `accept` = the one before, the latest is accepted; `sign` = the latest, the one before is accepted."
  type        = object({ version = number, rotation = string })
  default     = { version = 1, rotation = "none" }
  validation {
    condition     = contains(["none", "accept", "sign"], var.jwt_secret.rotation)
    error_message = "jwt_secret: rotation is none, accept or sign."
  }
  validation {
    condition     = var.jwt_secret.rotation == "none" || var.jwt_secret.version > 1
    error_message = "jwt_secret: before version 2 there is no secret to rotate from."
  }
}

variable "network" {
  description = "What the network costs and withstands: a NAT gateway in each zone or one; services with an endpoint of their own."
  type        = object({ nat_per_az = bool, interface_endpoints = set(string) })
}

variable "api" {
  description = "Size and number of the API's tasks."
  type        = object({ cpu = number, memory = number, min = number, max = number })
}

variable "worker" {
  description = "Size and number of the workers; how many run on capacity that is not taken away, and the share of Spot beyond it."
  type        = object({ cpu = number, memory = number, min = number, max = number, on_demand_base = number, spot_weight = number, on_demand_weight = number })
}

variable "training" {
  description = "Size and number of workers that only fit models, in subnets of their own; null = the other workers do it too."
  type        = object({ cpu = number, memory = number, min = number, max = number, on_demand_base = number, spot_weight = number, on_demand_weight = number })
  default     = null
}

variable "database" {
  description = "Kind, size and safety of PostgreSQL."
  type = object({
    mode                  = optional(string, "rds")
    engine_version        = optional(string, "18")
    instance_class        = optional(string, "db.t4g.medium")
    storage_gb            = optional(object({ initial = number, max = number }), { initial = 50, max = 500 })
    serverless_capacity   = optional(object({ min = number, max = number }), { min = 0.5, max = 4 })
    multi_az              = bool
    replica_count         = number
    backup_retention_days = number
  })
}

variable "cache" {
  description = "Size and number of Redis nodes; with more than one of `shards` a Redis Cluster, with so many nodes in each."
  type        = object({ node_type = string, node_count = number, shards = optional(number, 1) })
}

variable "backup_keep_days" {
  description = "Days that backups are kept."
  type        = object({ hourly = number, daily = number, monthly = number })
}

variable "log_retention_days" {
  description = "Days that logs can be searched."
  type        = number
}

variable "lock_days" {
  description = "Days in which backups and the trail cannot be deleted; null = no lock."
  type        = number
  default     = null
}

variable "protect" {
  description = "Whether database, load balancer, pool and buckets refuse to be deleted."
  type        = bool
}

variable "night" {
  description = "Hours in which nothing runs, never in production; null = runs day and night."
  type        = object({ stop = string, start = string, database_stop = string, database_start = string, timezone = string })
  default     = null
}

variable "trace_ratio" {
  description = "Share of the traces begun here that are sent to X-Ray, 0 to 1; a caller that sends `traceparent` decides for its own."
  type        = number
  default     = 0.05
  validation {
    condition     = var.trace_ratio >= 0 && var.trace_ratio <= 1
    error_message = "trace_ratio: 0 to 1."
  }
}

variable "collector_image" {
  description = "Collector of metrics and traces (AWS Distro for OpenTelemetry) beside each task; null = none: no traces, and alarms on the application's own metrics stay without data."
  type        = string
  default     = null
}

variable "enable_config" {
  description = "Whether AWS Config records changes."
  type        = bool
  default     = false
}

variable "enable_audit" {
  description = "Whether trail, threat detection and access analysis are made here: one environment of an account does."
  type        = bool
  default     = true
}

variable "bedrock" {
  description = "Whether the assistant may ask language models, and which."
  type        = object({ enabled = bool, model_ids = list(string) })
  default     = { enabled = false, model_ids = [] }
}
