"""Talks with the provider: finds its addresses and keys, sends browsers there, and checks who it says came back.

The checks of claims are authlib's and those of signatures joserfc's, which authlib builds on. Requests are httpx's own:
authlib's client for it is at its end.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from passerby.errors import PasserbyError
from passerby.gate.addresses import is_metadata
from passerby.hub.access.openid.config import Oidc
from passerby.records.config_receivers import is_this_machine

ALGORITHMS = ("RS256", "PS256", "ES256", "RS384", "ES384", "RS512", "ES512", "Ed25519", "EdDSA")
"""By these an ID token may be signed: with a key of the provider. None is not among them, nor is any shared secret."""
_TIMEOUT_S = 10.0
_MOST_BYTES = 1 << 20
_KEEP_S = 3600.0
_KEYS_AGAIN_S = _AGAIN_S = 10.0
_LEEWAY_S = 60


class ProviderError(PasserbyError):
    """The provider cannot be used, or what it says does not hold. The text names no secret and no token."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A log-in under way, as the browser's cookie holds it.

    Attributes:
        state: ties the answer to the browser.
        nonce: ties the ID token to it.
        verifier: proves that who brings the code is who asked for it (PKCE, RFC 7636).
        onward: page to go to.
        until_unix_s: when it is too late.
    """

    state: str
    nonce: str
    verifier: str
    onward: str
    until_unix_s: float


@dataclass(frozen=True, slots=True)
class Identity:
    """Who came back.

    Attributes:
        key: what the provider knows them by.
        name: as it names them.
        groups: all that it names.
        mail_domain: of an address that it has verified; empty where there is none.
    """

    key: str
    name: str
    groups: frozenset[str]
    mail_domain: str = ""


@dataclass(frozen=True, slots=True)
class _Places:
    authorization: str
    token: str
    keys: str
    end_session: str | None


class Provider:
    """The provider of a configuration. Used by the server's thread alone.

    Args:
        config: says which.
        secret: the client's.
        clock: Unix seconds.
    """

    def __init__(self, config: Oidc, secret: str, clock: Callable[[], float] = time.time) -> None:
        self.config = config
        self._secret = secret
        self._clock = clock
        self._places: tuple[float, _Places] | None = None
        self._failed_unix_s = float("-inf")
        self._keys: tuple[float, KeySet] | None = None

    async def address(self, pending: Pending, back: str) -> str:
        """Where a browser is sent to log in.

        Args:
            pending: the log-in.
            back: address that it comes back to.

        Raises:
            ProviderError: the provider cannot be used.
        """
        places = await self._discovered()
        asked = {
            "response_type": "code",
            "client_id": self.config.client_id,
            "redirect_uri": back,
            "scope": " ".join(self.config.scopes),
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": create_s256_code_challenge(pending.verifier),
            "code_challenge_method": "S256",
        }
        return f"{places.authorization}{'&' if '?' in places.authorization else '?'}{urlencode(asked)}"

    @property
    def leaving(self) -> str | None:
        """Where somebody ends their session at the provider too; None where it names no such place.

        Nothing is asked for it: the page to sign in must not wait for a provider that is away. It is known once
        somebody has logged in.
        """
        return self._places[1].end_session if self._places else None

    async def identify(self, code: str, pending: Pending, back: str) -> Identity:
        """Who a browser came back as.

        Raises:
            ProviderError: the provider does not say so, or what it says does not hold.
        """
        places = await self._discovered()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": pending.verifier,
        }
        answer = await self._fetch("POST", places.token, form)
        token, access = answer.get("id_token"), answer.get("access_token")
        if not isinstance(token, str):
            raise ProviderError("the provider gave no ID token; is openid among the scopes it allows?")
        return self._identity(await self._claims(token, pending.nonce, access))

    async def _claims(self, token: str, nonce: str, access: object) -> CodeIDToken:
        try:
            decoded = await self._decoded(token)
            options = {
                "iss": {"essential": True, "value": self.config.issuer},
                "aud": {"essential": True, "value": self.config.client_id},
                "exp": {"essential": True},
                "nonce": {"essential": True, "value": nonce},
            }
            params = {"nonce": nonce, "client_id": self.config.client_id, "access_token": access}
            claims = CodeIDToken(decoded.claims, decoded.header, options, params)
            claims.validate(now=int(self._clock()), leeway=_LEEWAY_S)
        except (JoseError, ValueError, TypeError) as error:
            raise ProviderError(f"the provider's ID token does not hold ({type(error).__name__})") from None
        return claims

    async def _decoded(self, token: str) -> jwt.Token:
        keys, are_new = await self._key_set(max_age_s=_KEEP_S)
        try:
            return jwt.decode(token, keys, algorithms=list(ALGORITHMS))
        except InvalidKeyIdError:
            if are_new:
                raise
            # The provider has changed its keys: they are fetched again, but not as often as a stranger likes.
            keys, _ = await self._key_set(max_age_s=_KEYS_AGAIN_S)
            return jwt.decode(token, keys, algorithms=list(ALGORITHMS))

    async def _key_set(self, max_age_s: float) -> tuple[KeySet, bool]:
        now = self._clock()
        if self._keys is not None and 0 <= now - self._keys[0] < max_age_s:
            return self._keys[1], False
        found = await self._fetch("GET", (await self._discovered()).keys)
        try:
            # Keys of kinds that are not known here are another program's.
            known = [one for one in found["keys"] if one.get("kty") in ("RSA", "EC", "OKP")]
            keys = KeySet.import_key_set({"keys": known})
        except (JoseError, ValueError, KeyError, TypeError, AttributeError):
            raise ProviderError("the provider's list of keys is not understood") from None
        self._keys = (now, keys)
        return keys, True

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        key, groups = claims["sub"], claims.get(self.config.groups_claim, ())
        if not isinstance(key, str) or not 1 <= len(key) <= 255 or not key.isprintable():
            raise ProviderError("the provider's ID token names nobody")
        listed = [groups] if isinstance(groups, str) else groups if isinstance(groups, list | tuple) else ()
        mail = claims.get("email")
        is_verified = claims.get("email_verified") is True and isinstance(mail, str)
        return Identity(
            key,
            str(claims.get(self.config.name_claim) or key),
            frozenset(one for one in listed if isinstance(one, str)),
            mail.rpartition("@")[2].lower() if is_verified and isinstance(mail, str) else "",
        )

    async def _discovered(self) -> _Places:
        now = self._clock()
        if self._places is not None and 0 <= now - self._places[0] < _KEEP_S:
            return self._places[1]
        if 0 <= now - self._failed_unix_s < _AGAIN_S:
            raise ProviderError("the provider could not be used just now")
        try:
            places = self._read(await self._fetch("GET", get_well_known_url(self.config.issuer, external=True)))
        except ProviderError:
            self._failed_unix_s = self._clock()  # it is not asked again as often as strangers press the button
            raise
        self._places = (now, places)
        return places

    def _read(self, found: Mapping[str, Any]) -> _Places:
        """The addresses of the discovery document."""
        if found.get("issuer") != self.config.issuer:
            raise ProviderError("the provider's discovery document names another issuer; write that one, or mend it")
        leaving = found.get("end_session_endpoint")
        return _Places(
            self._place(found.get("authorization_endpoint")),
            self._place(found.get("token_endpoint")),
            self._place(found.get("jwks_uri")),
            self._place(leaving) if leaving else None,
        )

    def _place(self, address: object) -> str:
        """An address of the discovery document; without TLS only on this machine."""
        if isinstance(address, str):
            try:
                url = urlsplit(address)
            except ValueError:
                url = urlsplit("")
            host = url.hostname or ""
            if (
                host
                and not is_metadata(host)
                and (url.scheme == "https" or (url.scheme == "http" and is_this_machine(host)))
            ):
                return address
        raise ProviderError("the provider's discovery document lacks an address, or names one without https://")

    async def _fetch(self, method: str, address: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
        """What an address of the provider answers, as JSON; a redirect is a refusal."""
        sign_in = httpx.BasicAuth(self.config.client_id, self._secret) if form is not None else None
        try:
            async with (
                asyncio.timeout(_TIMEOUT_S),
                httpx.AsyncClient(timeout=_TIMEOUT_S, auth=sign_in) as client,
                client.stream(method, address, data=form, headers={"Accept": "application/json"}) as answer,
            ):
                raw = b""
                async for part in answer.aiter_bytes():
                    raw += part
                    if len(raw) > _MOST_BYTES:
                        raise ProviderError("the provider's answer is too long")
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise ProviderError(f"the provider cannot be reached ({type(error).__name__})") from None
        if status != 200:
            raise ProviderError(f"the provider answered with status {status}")
        try:
            return msgspec.json.decode(raw, type=dict[str, Any])
        except msgspec.DecodeError:
            raise ProviderError("the provider's answer is not understood") from None
