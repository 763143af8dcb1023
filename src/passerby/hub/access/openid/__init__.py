"""Log-in by an OpenID Connect provider, beside local accounts."""

from passerby.hub.access.openid.config import Oidc
from passerby.hub.access.openid.flow import add_openid

__all__ = ["Oidc", "add_openid"]
