"""From a site's store to its hub: seals what was tallied, tells how the site is, and sends both."""
