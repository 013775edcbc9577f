variable "name" {
  description = "Prefix of every name, such as shelfcast-prod."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}$", var.name))
    error_message = "name: lower-case letters, digits and hyphens, 3 to 31 of them."
  }
}

variable "region" {
  description = "Region of the network, part of the names of its endpoints."
  type        = string
}

variable "vpc_cidr" {
  description = "Addresses of the whole network."
  type        = string
  default     = "10.0.0.0/16"
  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && tonumber(split("/", var.vpc_cidr)[1]) <= 20
    error_message = "vpc_cidr: a CIDR block of /20 or larger."
  }
}

variable "azs" {
  description = "Availability zones, one for each subnet of a tier."
  type        = list(string)
  validation {
    condition     = length(var.azs) >= 2 && length(distinct(var.azs)) == length(var.azs)
    error_message = "azs: at least two, all different."
  }
}

variable "public_cidrs" {
  description = "Subnets of load balancer and NAT gateways, one for each zone."
  type        = list(string)
  default     = ["10.0.1.0/24", "10.0.2.0/24"]
}

variable "app_cidrs" {
  description = "Private subnets of the tasks, one for each zone."
  type        = list(string)
  default     = ["10.0.3.0/24", "10.0.4.0/24"]
}

variable "data_cidrs" {
  description = "Private subnets of database and cache, one for each zone; they have no way to the internet."
  type        = list(string)
  default     = ["10.0.5.0/24", "10.0.6.0/24"]
}

variable "training_cidrs" {
  description = "Private subnets of the workers that train, one for each zone; empty = there are none."
  type        = list(string)
  default     = []
}

variable "nat_per_az" {
  description = "A NAT gateway in each zone; else one for all, which that zone's failure takes away."
  type        = bool
}

variable "interface_endpoints" {
  description = "Services reached inside the network, by the last part of their names (ecr.api, logs). Each costs by the hour and zone."
  type        = set(string)
  default     = []
}

variable "endpoint_security_group_ids" {
  description = "Security groups of the interface endpoints."
  type        = list(string)
  default     = []
}

variable "flow_log_retention_days" {
  description = "Days that flow logs are kept."
  type        = number
  default     = 90
}

variable "logs_kms_key_arn" {
  description = "Key that encrypts the flow logs."
  type        = string
}
