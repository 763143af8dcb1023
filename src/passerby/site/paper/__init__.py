"""What a site puts on paper: reports, the notice at the door, and the data-protection record."""
