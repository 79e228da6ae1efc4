"""The parts of the guarded fetcher; use ``transforms.fetcher``."""
