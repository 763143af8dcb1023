"""A receiver of alerts that tells nobody: alerts of made-up venues end here, on this machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_MOST_BYTES = 65_536


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Takes an alert and forgets it."""
        self.rfile.read(min(_MOST_BYTES, int(self.headers.get("content-length", 0))))
        self.send_response_only(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def nobody() -> Iterator[str]:
    """The address of the receiver, as long as it is open."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, name="nobody", daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()
