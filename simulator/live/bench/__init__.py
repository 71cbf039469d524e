"""Benchmarks on the real thing: what a call costs, and how long people wait for us."""
