output "output" {
  description = "Where runs write: newsbeam report, compact and replay take it"
  value       = "gs://${google_storage_bucket.bucket["output"].name}/news"
}

output "state" {
  description = "What newsbeam state show takes"
  value       = "gs://${google_storage_bucket.bucket["state"].name}/news"
}

output "work" {
  description = "For --temp_location and --staging_location of Dataflow jobs, below this"
  value       = "gs://${google_storage_bucket.bucket["work"].name}"
}

output "requests_topic" {
  description = "Where requests for pages are published"
  value       = google_pubsub_topic.requests.id
}

output "requests_subscription" {
  description = "What newsbeam stream reads"
  value       = google_pubsub_subscription.requests.id
}

output "dead_letter_subscription" {
  description = "Requests that were put aside"
  value       = google_pubsub_subscription.dead.id
}

output "dataset" {
  description = "The dataset with the tables and views"
  value       = "${var.project}.${google_bigquery_dataset.news.dataset_id}"
}

output "worker" {
  description = "For --service_account_email of Dataflow jobs"
  value       = google_service_account.worker.email
}
