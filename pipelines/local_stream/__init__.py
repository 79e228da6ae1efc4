"""The stream on one machine: a loop of bounded runs, each made of what has come in since the last."""
