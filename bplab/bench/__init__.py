"""Benchmarks that print what this machine does."""
