"""Who may see the page and the API, and who may change something."""

from passerby.records.access.accounts import LOCAL, Account, Role, account_of, is_still, requires
from passerby.records.access.entry import Access
from passerby.records.access.keeper import Keeper
from passerby.records.access.sign_in import add_sign_in, sign_out_form

__all__ = [
    "LOCAL", "Access", "Account", "Keeper", "Role",
    "account_of", "add_sign_in", "is_still", "requires", "sign_out_form",
]  # fmt: skip
