"""Takes a changed configuration: the site closes as it does when it is stopped, and starts again in the same process.

Nothing of the running window is lost, since what was counted of it is stored before, and the rest is added to it after.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from passerby.errors import PasserbyError

_log = structlog.get_logger("passerby.site")


class Reload:
    """Whether the site is to start again.

    Args:
        check: reads the configuration as it would be read then; raises what is wrong with it.
    """

    def __init__(self, check: Callable[[], object]) -> None:
        self._check = check
        self._asked = threading.Event()

    @property
    def asked(self) -> bool:
        """Whether somebody asked for it."""
        return self._asked.is_set()

    def check(self) -> None:
        """Reads the configuration as it would be read.

        Raises:
            PasserbyError: the site could not start with it.
        """
        self._check()

    def ask(self) -> None:
        """Asks for it; safe from any thread.

        Raises:
            PasserbyError: the site could not start with it, and goes on as it is; ConfigError has every mistake.
        """
        self.check()
        self._asked.set()

    @contextmanager
    def on_hangup(self) -> Iterator[None]:
        """As long as it is open, SIGHUP asks for it, as service managers do it; mistakes are logged."""

        def note(_number: int, _frame: object) -> None:
            # Reading files takes longer than a handler should, and may need what the main thread holds.
            threading.Thread(target=self._ask_and_log, name="reload", daemon=True).start()

        before = signal.signal(signal.SIGHUP, note)
        try:
            yield
        finally:
            # A second one must not end the site on its way to its new start, which listens to it again.
            signal.signal(signal.SIGHUP, signal.SIG_IGN if self.asked else before)

    def _ask_and_log(self) -> None:
        try:
            self.ask()
        except PasserbyError as error:
            _log.error("the changed configuration is not taken; the site goes on as it is", problem=str(error))
