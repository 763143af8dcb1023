"""Where sign-ins and changes of accounts are entered: a site and a hub each have a log of their own."""

from typing import Protocol

ACCESS_CHANGED = "access changed"
SIGNED_IN = "signed in"
SIGN_IN_REFUSED = "sign-in refused"


class AccessLog(Protocol):
    """A log of what people did."""

    def add(self, account: str, action: str, detail: str = "") -> object:
        """Writes one entry, with the present moment; it is on the disk when this returns.

        Raises:
            StoreError: nothing was written.
        """
