variable "name" {
  description = "Prefix of every name, such as shelfcast-prod."
  type        = string
}

variable "process" {
  description = "What the task does: api, worker or migrate."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.process))
    error_message = "process: lower-case letters, digits and hyphens."
  }
}

variable "account_id" {
  description = "Account of the tasks."
  type        = string
}

variable "region" {
  description = "Region of the tasks."
  type        = string
}

variable "cluster" {
  description = "Cluster the tasks run on."
  type        = object({ arn = string, name = string })
}

variable "image" {
  description = "Image with a tag or digest that never moves."
  type        = string
  validation {
    condition     = can(regex("(@sha256:[0-9a-f]{64}|:[A-Za-z0-9._-]+)$", var.image)) && !endswith(var.image, ":latest")
    error_message = "image: needs a tag or digest, and not latest."
  }
}

variable "repository_arn" {
  description = "Repository of the image, the only one that may be pulled from."
  type        = string
}

variable "command" {
  description = "What the container runs."
  type        = list(string)
}

variable "user" {
  description = "User and group of the process; never root."
  type        = string
  default     = "1000:1000"
  validation {
    condition     = !can(regex("^(0|root)(:|$)", var.user))
    error_message = "user: must not be root."
  }
}

variable "cpu" {
  description = "Share of processors in 1/1024."
  type        = number
  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.cpu)
    error_message = "cpu: one of Fargate's sizes."
  }
}

variable "memory" {
  description = "Memory in MiB."
  type        = number
  validation {
    condition     = var.memory >= 512 && var.memory <= 122880
    error_message = "memory: 512 to 122880 MiB."
  }
}

variable "architecture" {
  description = "Processor of the image."
  type        = string
  default     = "X86_64"
  validation {
    condition     = contains(["X86_64", "ARM64"], var.architecture)
    error_message = "architecture: X86_64 or ARM64."
  }
}

variable "environment" {
  description = "Settings that are no secret, as the application reads them."
  type        = map(string)
  validation {
    condition     = !anytrue([for name in keys(var.environment) : can(regex("(SECRET|PASSWORD|TOKEN|API_KEY)", name))])
    error_message = "environment: secrets go into `secrets`."
  }
}

variable "secrets" {
  description = "Settings that are secret: name to the reference of a Secrets Manager value (`ARN` or `ARN:key::`)."
  type        = map(string)
  default     = {}
  validation {
    condition     = alltrue([for reference in values(var.secrets) : can(regex("^arn:aws[a-z-]*:secretsmanager:", reference))])
    error_message = "secrets: references to Secrets Manager only."
  }
}

variable "secret_arns" {
  description = "Secrets the agent may read for the task."
  type        = list(string)
  default     = []
}

variable "secret_key_arns" {
  description = "Keys these secrets are encrypted with."
  type        = list(string)
  default     = []
}

variable "task_policies" {
  description = "What the process itself may do, as policy documents by name."
  type        = map(string)
  default     = {}
}

variable "health_check_url" {
  description = "Address inside the container that answers 2xx while the process is well; null = a task that ends by itself."
  type        = string
  default     = null
}

variable "stop_timeout_seconds" {
  description = "Time between SIGTERM and SIGKILL."
  type        = number
  validation {
    condition     = var.stop_timeout_seconds >= 2 && var.stop_timeout_seconds <= 120
    error_message = "stop_timeout_seconds: Fargate allows 2 to 120."
  }
}

variable "port" {
  description = "Port the process listens on; null = none."
  type        = number
  default     = null
}

variable "logs_kms_key_arn" {
  description = "Key of the logs."
  type        = string
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827], var.log_retention_days)
    error_message = "log_retention_days: one of the periods of CloudWatch Logs."
  }
}

variable "collector" {
  description = "Side container that scrapes /metrics and sends what is mapped to CloudWatch, and traces to X-Ray; null = none."
  type        = object({ image = string, config = string, namespaces = list(string) })
  default     = null
}

variable "service" {
  description = "How the tasks are kept running; null = a definition only, run on demand."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
    target_group_arn   = optional(string)
    min                = number
    max                = number
    on_demand_base     = optional(number, 0)
    spot_weight        = optional(number, 0)
    on_demand_weight   = optional(number, 1)
    grace_seconds      = optional(number, 60)
    rollback_alarms    = optional(list(string), [])
    cpu_target         = optional(number, 60)
    memory_target      = optional(number, 70)
  })
  default = null
  validation {
    condition     = var.service == null || try(var.service.min <= var.service.max && var.service.max >= 1, false)
    error_message = "service: min must not lie above max."
  }
}

variable "queue_scaling" {
  description = "Metrics of waiting work that tasks are added and removed by; null = by load alone."
  type = object({
    namespace         = string
    depth_metric      = string
    age_metric        = string
    dimensions        = optional(map(string), {})
    depth_step        = optional(number, 10)
    age_limit_seconds = optional(number, 300)
  })
  default = null
}

variable "night" {
  description = "Hours in which no task runs; null = never."
  type        = object({ stop = string, start = string, timezone = string })
  default     = null
}
