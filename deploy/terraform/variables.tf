variable "project" {
  description = "The Google Cloud project"
  type        = string
}

variable "region" {
  description = "Where runs and data live"
  type        = string
  default     = "europe-west1"
}

variable "name" {
  description = "Stands before the name of everything that is made"
  type        = string
  default     = "newsbeam"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,20}$", var.name))
    error_message = "3 to 21 lower-case letters, digits and dashes, a letter first."
  }
}

variable "image" {
  description = "The image of deploy/docker/Dockerfile, by digest"
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "Name the image by its digest: …@sha256:…"
  }
}

variable "contact" {
  description = "An e-mail address or URL that publishers can reach you at"
  type        = string
}

variable "sources" {
  description = "The source list, as newsbeam reads it (TOML)"
  type        = string
}

variable "schedule" {
  description = "When runs start, in cron's words, UTC"
  type        = string
  default     = "*/10 * * * *"
}

variable "output_retention_days" {
  description = "Days that articles and outcomes are kept in the bucket; null keeps them for ever"
  type        = number
  default     = null
}

variable "table_expiration_days" {
  description = "Days that partitions of the outcomes table are kept; they carry the payloads of failures"
  type        = number
  default     = 90
}

variable "dead_letter_attempts" {
  description = "Deliveries of a request before it is put aside, 5 to 100"
  type        = number
  default     = 5
}

variable "notification_channels" {
  description = "Whom Cloud Monitoring tells of alerts, by resource name"
  type        = list(string)
  default     = []
}
