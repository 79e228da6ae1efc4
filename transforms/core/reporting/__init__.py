"""The figures and views of a report, from rows and manifests: no files, no page, no clock."""
