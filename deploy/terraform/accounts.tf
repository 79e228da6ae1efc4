# Three accounts, each with what its work needs and no more.  None may administer anything, and what fetches pages from
# strangers can neither read BigQuery nor start jobs.

resource "google_service_account" "worker" {
  account_id   = "${var.name}-worker"
  project      = var.project
  display_name = "newsbeam: fetches pages and writes records"
}

resource "google_service_account" "scheduler" {
  account_id   = "${var.name}-scheduler"
  project      = var.project
  display_name = "newsbeam: starts runs"
}

resource "google_service_account" "loader" {
  account_id   = "${var.name}-loader"
  project      = var.project
  display_name = "newsbeam: loads records into BigQuery"
}

# Runs write, move and delete files in all three buckets: part files, state, staged files.
resource "google_storage_bucket_iam_member" "worker" {
  for_each = google_storage_bucket.bucket

  bucket = each.value.name
  role   = "roles/storage.objectUser"
  member = google_service_account.worker.member
}

resource "google_pubsub_subscription_iam_member" "worker" {
  project      = var.project
  subscription = google_pubsub_subscription.requests.name
  role         = "roles/pubsub.subscriber"
  member       = google_service_account.worker.member
}

# Dataflow looks at the subscription before it reads.
resource "google_pubsub_subscription_iam_member" "worker_looks" {
  project      = var.project
  subscription = google_pubsub_subscription.requests.name
  role         = "roles/pubsub.viewer"
  member       = google_service_account.worker.member
}

# The stream puts aside what asks for nothing that can be done, with the reason (--dead_letter_topic).
resource "google_pubsub_topic_iam_member" "worker" {
  project = var.project
  topic   = google_pubsub_topic.dead.name
  role    = "roles/pubsub.publisher"
  member  = google_service_account.worker.member
}

# What a virtual machine of Dataflow needs to take work; it cannot start jobs with this.
resource "google_project_iam_member" "worker" {
  project = var.project
  role    = "roles/dataflow.worker"
  member  = google_service_account.worker.member
}

resource "google_cloud_run_v2_job_iam_member" "scheduler" {
  project  = var.project
  location = var.region
  name     = google_cloud_run_v2_job.ingest.name
  role     = "roles/run.invoker"
  member   = google_service_account.scheduler.member
}

resource "google_storage_bucket_iam_member" "loader" {
  bucket = google_storage_bucket.bucket["output"].name
  role   = "roles/storage.objectViewer"
  member = google_service_account.loader.member
}

resource "google_bigquery_dataset_iam_member" "loader" {
  project    = var.project
  dataset_id = google_bigquery_dataset.news.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_service_account.loader.member
}

resource "google_project_iam_member" "loader" {
  project = var.project
  role    = "roles/bigquery.jobUser"
  member  = google_service_account.loader.member
}
