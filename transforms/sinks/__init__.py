"""Where else a run's rows go besides OUTPUT: columns, tables, topics."""
