# Requests for pages, for `newsbeam stream`; what cannot be worked on after a few deliveries is put aside.

data "google_project" "this" {
  project_id = var.project
}

locals {
  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

resource "google_pubsub_topic" "requests" {
  name                       = "${var.name}-requests"
  project                    = var.project
  message_retention_duration = "604800s"
}

resource "google_pubsub_topic" "dead" {
  name    = "${var.name}-requests-dead"
  project = var.project
}

resource "google_pubsub_subscription" "requests" {
  name    = "${var.name}-requests"
  project = var.project
  topic   = google_pubsub_topic.requests.id

  ack_deadline_seconds       = 600
  message_retention_duration = "604800s"

  # Subscriptions without readers go after 31 days unless this says never.
  expiration_policy {
    ttl = ""
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead.id
    max_delivery_attempts = var.dead_letter_attempts
  }
}

# Without a subscription what is put aside would be lost.
resource "google_pubsub_subscription" "dead" {
  name    = "${var.name}-requests-dead"
  project = var.project
  topic   = google_pubsub_topic.dead.id

  message_retention_duration = "2678400s"

  expiration_policy {
    ttl = ""
  }
}

# Pub/Sub itself moves the messages: without these two rights it keeps delivering them for ever.
resource "google_pubsub_topic_iam_member" "agent_publishes" {
  project = var.project
  topic   = google_pubsub_topic.dead.name
  role    = "roles/pubsub.publisher"
  member  = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "agent_acknowledges" {
  project      = var.project
  subscription = google_pubsub_subscription.requests.name
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}
