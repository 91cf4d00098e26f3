"""Run an experiment's trainings: store, executors, progress, resume."""
