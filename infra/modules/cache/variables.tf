variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "engine" {
  description = "`valkey` or `redis`; both speak the protocol."
  type        = string
  default     = "valkey"
  validation {
    condition     = contains(["valkey", "redis"], var.engine)
    error_message = "engine: valkey or redis."
  }
}

variable "engine_version" {
  description = "Version of the engine."
  type        = string
  default     = "8.0"
}

variable "parameter_family" {
  description = "Family of the parameters, which goes with the version."
  type        = string
  default     = "valkey8"
}

variable "node_type" {
  description = "Size of a node."
  type        = string
  default     = "cache.t4g.small"
}

variable "shards" {
  description = "Parts that the keys are spread over; more than one makes a Redis Cluster. Queues lie in one of them, whatever their number: more only help the cache."
  type        = number
  default     = 1
  validation {
    condition     = var.shards == 1 || (var.shards >= 2 && var.shards <= 90 && var.node_count >= 2)
    error_message = "shards: 1, or 2 to 90 with node_count of 2 or more."
  }
}

variable "node_count" {
  description = "Nodes of each shard: the first writes, the others take over."
  type        = number
  validation {
    condition     = var.node_count >= 1 && var.node_count <= 6
    error_message = "node_count: 1 to 6."
  }
}

variable "subnet_ids" {
  description = "Subnets of the data tier."
  type        = list(string)
}

variable "security_group_id" {
  description = "Group that lets the tasks in."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of what lies on disk."
  type        = string
}

variable "snapshot_retention_days" {
  description = "Days that snapshots are kept; 0 = none. PostgreSQL is the truth, so they only save warming up."
  type        = number
  default     = 1
}

variable "log_retention_days" {
  description = "Days that slow commands are kept."
  type        = number
}

variable "logs_kms_key_arn" {
  description = "Key of the log."
  type        = string
}
