"""Which npm registry and which Python package index this machine is set to, and which certificates it trusts."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import httpx

_NPM = "https://registry.npmjs.org"
_PYPI = "https://pypi.org/simple"
# Certificates that npm, pip and requests are told of; httpx itself knows SSL_CERT_FILE and SSL_CERT_DIR.
_CERTIFICATES = ("NODE_EXTRA_CA_CERTS", "PIP_CERT", "REQUESTS_CA_BUNDLE")


def client() -> httpx.Client:
    """An HTTP client with the machine's proxies and certificates, which gives up soon where nobody answers."""
    trusted = httpx.create_ssl_context()
    for variable in _CERTIFICATES:
        file = os.environ.get(variable)
        if file and Path(file).is_file():
            trusted.load_verify_locations(file)
    return httpx.Client(follow_redirects=True, timeout=httpx.Timeout(30.0, connect=5.0), verify=trusted)


def npm_registry(package: str) -> str:
    """The registry for an npm package: of its scope or of all, from the environment or from `.npmrc`."""
    scope = f"{package.split('/', maxsplit=1)[0]}:registry" if package.startswith("@") else "registry"
    told = _npm_variable("registry")
    if told:
        return told.rstrip("/")
    for file in _npmrc_files():
        settings = _npmrc(file)
        for key in (scope, "registry"):
            if key in settings:
                return settings[key].rstrip("/")
    return _NPM


def _npm_variable(setting: str) -> str:
    """What the environment tells npm; npm takes these names in capitals and in small letters."""
    names = {key.lower(): value for key, value in os.environ.items()}
    return names.get(f"npm_config_{setting}", "")


def _npmrc_files() -> list[Path]:
    user = _npm_variable("userconfig")
    return [Path(".npmrc"), Path(user) if user else Path.home() / ".npmrc", Path("/etc/npmrc")]


def _npmrc(file: Path) -> dict[str, str]:
    """Registries that an `.npmrc` names; every other line, such as one with a token, is passed over."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    pairs = (line.partition("=") for line in lines)
    return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs if key.strip().endswith("registry")}


def python_index() -> str:
    """The Python package index, as uv or pip are told in the environment."""
    for variable in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        if os.environ.get(variable):
            return os.environ[variable].rstrip("/")
    return _PYPI


def shown(url: str) -> str:
    """A URL without the user name and password that it may hold."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host, query="").geturl()
