variable "name" {
  description = "Name of the repository."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts the images."
  type        = string
}

variable "keep_images" {
  description = "Tagged images that are kept: how far one can roll back."
  type        = number
  default     = 30
  validation {
    condition     = var.keep_images >= 5
    error_message = "keep_images: at least 5, else a rollback may find nothing."
  }
}
