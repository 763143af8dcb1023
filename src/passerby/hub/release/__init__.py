"""Statistics that leave the hub: the operator's own tallies, strict totals, and noisy counts that protect people."""
