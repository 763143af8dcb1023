"""What a release must not do is told as one of these."""

from passerby.errors import InputError


class ReleaseError(InputError):
    """A release was asked for that cannot be made; nothing was handed out."""


class BudgetError(ReleaseError):
    """The budget does not cover it; nothing was spent."""


class LedgerError(ReleaseError):
    """The ledger is not what it was: an old copy, or changed by somebody. Nothing is released until that is settled."""
