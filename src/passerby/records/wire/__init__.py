"""What passes between a site and its hub, and nothing else does: batches of tallies, and how the site is now."""
