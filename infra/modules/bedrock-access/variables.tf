variable "enabled" {
  description = "Whether the assistant may ask language models. Off: no policy is made."
  type        = bool
  default     = false
}

variable "region" {
  description = "Region whose models are asked; the residence of data decides."
  type        = string
}

variable "model_ids" {
  description = "Models that may be asked, each by its id."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for id in var.model_ids : can(regex("^[a-z0-9.:-]+$", id))])
    error_message = "model_ids: ids of single models, without wildcards."
  }
}
