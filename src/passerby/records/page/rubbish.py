"""How often Python looks for rubbish in memory, where pages are open."""

import gc

_COLLECT_EVERY = 10_000
"""Python looks for rubbish when so many objects more were made than given back; it would each 700, and an open page
has 1500 to 5000. All that look through everything, open pages too, come less often in the same measure."""


def collect_seldom() -> None:
    """Makes readers wait less for the search for rubbish in memory."""
    # What is made by now stays for good and need not be looked through again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_EVERY, *gc.get_threshold()[1:])
