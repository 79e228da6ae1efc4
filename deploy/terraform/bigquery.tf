# tables.json is made from the Avro schemas (make docs): the same tables and views as
# `newsbeam schema ddl --engine bigquery` prints.

locals {
  dataset_id = replace(var.name, "-", "_")
  contract   = jsondecode(templatefile("${path.module}/tables.json", { dataset = "${var.project}.${local.dataset_id}" }))
}

resource "google_bigquery_dataset" "news" {
  dataset_id  = local.dataset_id
  project     = var.project
  location    = var.region
  description = "Articles and outcomes of newsbeam"
}

resource "google_bigquery_table" "table" {
  for_each = local.contract.tables

  dataset_id          = google_bigquery_dataset.news.dataset_id
  project             = var.project
  table_id            = each.key
  description         = each.value.description
  schema              = jsonencode(each.value.schema)
  clustering          = each.value.cluster
  deletion_protection = true

  time_partitioning {
    type          = "DAY"
    field         = each.value.partition
    expiration_ms = each.key == "outcomes" ? var.table_expiration_days * 86400000 : null
  }
}

resource "google_bigquery_table" "view" {
  for_each = { for name, view in local.contract.views : name => view if !view.over_views }

  dataset_id          = google_bigquery_dataset.news.dataset_id
  project             = var.project
  table_id            = each.key
  description         = each.value.description
  deletion_protection = false

  view {
    query          = each.value.query
    use_legacy_sql = false
  }

  depends_on = [google_bigquery_table.table]
}

resource "google_bigquery_table" "view_over_views" {
  for_each = { for name, view in local.contract.views : name => view if view.over_views }

  dataset_id          = google_bigquery_dataset.news.dataset_id
  project             = var.project
  table_id            = each.key
  description         = each.value.description
  deletion_protection = false

  view {
    query          = each.value.query
    use_legacy_sql = false
  }

  depends_on = [google_bigquery_table.view]
}
