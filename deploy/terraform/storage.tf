locals {
  buckets = {
    # What consumers read.  Files are never changed in place, only replaced by a compaction.
    output = { days = var.output_retention_days, versioned = false, prefixes = [] }
    # What runs remember.  Old versions are the way back from a state that was damaged.
    state = { days = null, versioned = true, prefixes = [] }
    # Source lists, and the staged files of Dataflow jobs.
    work = { days = 30, versioned = false, prefixes = ["temp/", "staging/"] }
  }
}

resource "google_storage_bucket" "bucket" {
  for_each = local.buckets

  name                        = "${var.project}-${var.name}-${each.key}"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  versioning {
    enabled = each.value.versioned
  }

  # What was deleted by mistake can be had back for a week.
  soft_delete_policy {
    retention_duration_seconds = 604800
  }

  dynamic "lifecycle_rule" {
    for_each = each.value.days == null ? [] : [each.value.days]

    content {
      action {
        type = "Delete"
      }
      condition {
        age            = lifecycle_rule.value
        matches_prefix = each.value.prefixes
      }
    }
  }

  dynamic "lifecycle_rule" {
    for_each = each.value.versioned ? [30] : []

    content {
      action {
        type = "Delete"
      }
      condition {
        days_since_noncurrent_time = lifecycle_rule.value
      }
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "google_storage_bucket_object" "sources" {
  bucket  = google_storage_bucket.bucket["work"].name
  name    = "sources.toml"
  content = var.sources
}
