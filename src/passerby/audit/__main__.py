"""`python -m passerby.audit`: reads orders, one a line, and answers with a report for each camera, one a line."""

import asyncio
import sys

from passerby.audit.answering import answer_orders

if __name__ == "__main__":
    sys.exit(asyncio.run(answer_orders(sys.stdin.buffer, sys.stdout.buffer)))
