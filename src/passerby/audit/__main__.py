"""`python -m passerby.audit`: reads orders, one a line, and answers with a report for each camera, one a line.

Before the first device is asked, it is shut in: it may connect to the ports of the cameras of its first order.
"""

import asyncio
import sys

from passerby import audit
from passerby.audit.answering import answer_orders, next_order
from passerby.audit.reach import ports_of
from passerby.errors import PasserbyError
from passerby.gate import lockdown


def main() -> int:
    """Answers until standard input ends, and gives the exit status."""
    try:
        lockdown.die_with_parent(sys.stdout.fileno())
        lockdown.import_whole(audit)
        first = next_order(sys.stdin.buffer)
        if first is not None and "--unsafe-no-lockdown" not in sys.argv[1:]:
            lockdown.lock_audit(ports_of(first.cameras))
        asyncio.run(answer_orders(first, sys.stdin.buffer, sys.stdout.buffer))
    except PasserbyError as error:
        print(f"passerby.audit: {error}", file=sys.stderr)  # noqa: T201 - its parent may read it
        return error.exit_code
    except (BrokenPipeError, KeyboardInterrupt):
        return 1  # nobody listens any more
    return 0


if __name__ == "__main__":
    sys.exit(main())
