"""Scanners as functions of arrays: compiled kernels and what prepares their input."""
