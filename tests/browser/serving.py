"""How a site of a browser test is served: in a process of its own, which says its address and ends with its parent."""

import sys
import threading

from fastapi import FastAPI

from passerby.records.serving import serve


def serve_until_read(app: FastAPI) -> None:
    """Serves it on a free port, writes its address to standard output, and ends when standard input does."""
    with serve(app, "127.0.0.1", 0) as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        ended = threading.Thread(target=sys.stdin.read)
        ended.start()
        ended.join()
