# Scheduled runs: one machine is enough for thousands of feeds, and the run holds its state while it works.  A Flex
# Template cannot: its launcher ends before the job does.

resource "google_cloud_run_v2_job" "ingest" {
  name                = "${var.name}-ingest"
  project             = var.project
  location            = var.region
  deletion_protection = false

  template {
    task_count  = 1
    parallelism = 1

    template {
      service_account = google_service_account.worker.email
      # A second try would meet the same sites a moment later; the next run is better.
      max_retries = 0
      timeout     = "3600s"

      containers {
        image   = var.image
        command = ["newsbeam"]
        args = [
          "ingest",
          "--feeds", "gs://${google_storage_bucket.bucket["work"].name}/${google_storage_bucket_object.sources.name}",
          "--state", "gs://${google_storage_bucket.bucket["state"].name}/news",
          "--output", "gs://${google_storage_bucket.bucket["output"].name}/news",
          "--contact", var.contact,
          "--processes", "2",
          "--page_memory_mb", "1536",
        ]

        resources {
          limits = {
            cpu    = "2"
            memory = "4Gi"
          }
        }
      }
    }
  }
}

resource "google_cloud_scheduler_job" "ingest" {
  name        = "${var.name}-ingest"
  project     = var.project
  region      = var.region
  description = "Starts a run of newsbeam; one that finds another at work ends at once"
  schedule    = var.schedule
  time_zone   = "Etc/UTC"

  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/${google_cloud_run_v2_job.ingest.id}:run"

    oauth_token {
      service_account_email = google_service_account.scheduler.email
    }
  }

  retry_config {
    retry_count = 1
  }
}
