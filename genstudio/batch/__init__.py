"""Batches: a YAML manifest of jobs, a ledger that survives a kill, a runner, and results others can open."""
