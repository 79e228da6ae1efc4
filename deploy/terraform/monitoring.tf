# What only Pub/Sub itself can tell.  Alerts on runs are in deploy/prometheus.

resource "google_monitoring_alert_policy" "old_requests" {
  display_name          = "${var.name}: requests wait"
  project               = var.project
  combiner              = "OR"
  notification_channels = var.notification_channels

  conditions {
    display_name = "The oldest request has waited ten minutes"

    condition_threshold {
      filter          = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = \"${google_pubsub_subscription.requests.name}\" AND metric.type = \"pubsub.googleapis.com/subscription/oldest_unacked_message_age\""
      comparison      = "COMPARISON_GT"
      threshold_value = 600
      duration        = "300s"

      aggregations {
        alignment_period   = "60s"
        per_series_aligner = "ALIGN_MAX"
      }
    }
  }
}

resource "google_monitoring_alert_policy" "dead_letters" {
  display_name          = "${var.name}: requests were put aside"
  project               = var.project
  combiner              = "OR"
  notification_channels = var.notification_channels

  conditions {
    display_name = "A dead letter waits for a person"

    condition_threshold {
      filter          = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = \"${google_pubsub_subscription.dead.name}\" AND metric.type = \"pubsub.googleapis.com/subscription/num_undelivered_messages\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"

      aggregations {
        alignment_period   = "60s"
        per_series_aligner = "ALIGN_MAX"
      }
    }
  }
}
