"""Messages in, files out, without an end: what the stream has besides the steps that it shares with the batch."""
