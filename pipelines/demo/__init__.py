"""A fictional edition of four newspapers and a loopback server for it: a first run without the internet."""
