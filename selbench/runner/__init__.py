"""Run an experiment's cells: store, executors, progress, resume."""
