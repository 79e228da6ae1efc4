"""Beam transforms of newsbeam: thin shells over `transforms.core`."""
