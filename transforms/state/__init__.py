"""State between runs: read by shard, joined by key, written anew, published with one manifest."""
