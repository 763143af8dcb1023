"""Who may see the page and the API, and who may change something."""

from passerby.site.access.accounts import LOCAL, Account, Role, account_of, requires

__all__ = ["LOCAL", "Account", "Role", "account_of", "requires"]
