"""Benchmarks: our parts against what they stand on, in the same run."""
