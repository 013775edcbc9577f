variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "account_id" {
  description = "Account of the bucket, part of its name."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the pages. Its policy must let CloudFront decrypt; null = S3's own key, since the pages are public."
  type        = string
  default     = null
}

variable "api_domain_name" {
  description = "Name of the load balancer, under its certificate."
  type        = string
}

variable "domain_names" {
  description = "Names the distribution answers to; empty = its own."
  type        = list(string)
  default     = []
}

variable "certificate_arn" {
  description = "Certificate of these names, in us-east-1; null = CloudFront's own."
  type        = string
  default     = null
  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:aws[a-z-]*:acm:us-east-1:", var.certificate_arn))
    error_message = "certificate_arn: CloudFront reads certificates in us-east-1 only."
  }
}

variable "web_acl_arn" {
  description = "Firewall of scope CLOUDFRONT; null = none here."
  type        = string
  default     = null
}

variable "hosted_zone_id" {
  description = "Zone of the names in Route 53; null = records are made elsewhere."
  type        = string
  default     = null
}

variable "price_class" {
  description = "Which edges serve. 200 holds India; 100 does not."
  type        = string
  default     = "PriceClass_200"
  validation {
    condition     = contains(["PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "price_class: PriceClass_200 or PriceClass_All."
  }
}

variable "force_destroy" {
  description = "Whether the bucket may be deleted with its pages."
  type        = bool
  default     = false
}
