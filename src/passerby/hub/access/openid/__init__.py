"""Log-in by an OpenID Connect provider, beside local accounts.

`flow` serves it. It is not loaded here: the configuration, which every command reads, needs no more than its keys.
"""

from passerby.hub.access.openid.config import Oidc

__all__ = ["Oidc"]
