"""Receivers of alerts that misbehave."""

import contextlib
import socket
import threading
import time

from passerby.records.receivers import Message, Webhook


def test_a_webhook_that_never_ends_its_answer_takes_neither_memory_nor_the_thread() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"

        def answer() -> None:
            connection, _ = listening.accept()
            with connection, contextlib.suppress(OSError):
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                until_s = time.monotonic() + 60
                while time.monotonic() < until_s:
                    connection.sendall(bytes(1 << 20))
                    time.sleep(0.01)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        began_s = time.monotonic()
        Webhook(f"http://{address}/", "secret").send(Message("a", "b", {}))
        assert time.monotonic() - began_s < 30
        thread.join()
