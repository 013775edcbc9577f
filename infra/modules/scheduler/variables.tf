variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "account_id" {
  description = "Account of the database."
  type        = string
}

variable "region" {
  description = "Region of the database."
  type        = string
}

variable "database_identifier" {
  description = "Instance that sleeps at night. It must have no replica: AWS does not stop those that do."
  type        = string
}

variable "night" {
  description = "When it stops and starts, as cron expressions in a time zone. It starts before the tasks do."
  type        = object({ stop = string, start = string, timezone = string })
  validation {
    condition     = can(regex("^cron\\(", var.night.stop)) && can(regex("^cron\\(", var.night.start))
    error_message = "night: cron(...) expressions."
  }
}
