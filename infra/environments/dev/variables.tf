variable "account_id" {
  description = "Account that everything lies in; the providers refuse any other."
  type        = string
}

variable "region" {
  description = "Region that everything lies in."
  type        = string
  default     = "ap-south-1"
}

variable "dr_region" {
  description = "Region of recovery; null = none."
  type        = string
}

variable "data_residency" {
  description = "Country the data must not leave; null = none."
  type        = string
  default     = "IN"
}

variable "azs" {
  description = "Two availability zones of the region."
  type        = list(string)
  default     = ["ap-south-1a", "ap-south-1b"]
}

variable "repository" {
  description = "Repository of the images, as bootstrap made it."
  type        = object({ url = string, arn = string })
}

variable "image_tag" {
  description = "Tag of the image that runs; the pipeline passes the commit."
  type        = string
}

variable "domain" {
  description = "Names, certificates and, to have the records made, the hosted zone."
  type = object({
    api                       = string
    dashboard                 = string
    api_certificate_arn       = string
    dashboard_certificate_arn = string
    hosted_zone_id            = optional(string)
  })
}

variable "cloudfront_prefix_list_id" {
  description = "AWS's list of CloudFront's addresses in this region; null = everybody reaches the load balancer."
  type        = string
  default     = null
}

variable "alerts" {
  description = "Who hears of alarms."
  type        = object({ critical_emails = list(string), warning_emails = list(string), critical_webhook = optional(string) })
}

variable "admin_email" {
  description = "Address of the first administrator."
  type        = string
}

variable "monthly_budget_dollars" {
  description = "What a month may cost before somebody is told."
  type        = number
}

variable "settings" {
  description = "Further settings of the application."
  type        = map(string)
  default     = {}
}

variable "external_secrets" {
  description = "Further settings that are secret, set by hand."
  type        = set(string)
  default     = []
}

variable "secret_values_version" {
  description = "Raised by one, passwords are made anew."
  type        = number
  default     = 1
}

variable "trace_ratio" {
  description = "Share of the traces begun here that are sent to X-Ray, 0 to 1."
  type        = number
  default     = 0.05
}

variable "jwt_secret" {
  description = "Version of JWT_SECRET, and which signs while it is changed: runbooks/rotate-secrets.md."
  type        = object({ version = number, rotation = string })
  default     = { version = 1, rotation = "none" }
}

variable "collector_image" {
  description = "Collector of metrics and traces beside each task; null = none."
  type        = string
  default     = null
}

variable "database_mode" {
  description = "`rds` or `aurora_serverless`."
  type        = string
  default     = "rds"
}

variable "bedrock" {
  description = "Whether the API may ask language models of Bedrock, and which; their endpoint is then made in the network."
  type        = object({ enabled = bool, model_ids = list(string) })
  default     = { enabled = false, model_ids = [] }
}
