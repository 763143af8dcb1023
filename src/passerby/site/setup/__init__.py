"""Set-up mode: one people-free still of one camera, and a rehearsal in numbers. The charter says what it may show."""
