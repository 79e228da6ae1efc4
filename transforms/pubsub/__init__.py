"""Pub/Sub: messages pulled, kept while they are in work, acknowledged when what they led to is durable."""
