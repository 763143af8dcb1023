"""Keys of sites and hubs: Ed25519, in files that only their owner may read. A private key never leaves its machine."""

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from passerby.errors import ConfigError

_OTHERS = 0o077
_MOST_BYTES = 8192
_NAME = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The half of a key that everybody may know.

    Attributes:
        raw: its 32 bytes.
    """

    raw: bytes

    @staticmethod
    def of(text: str) -> "PublicKey":
        """A key from its name.

        Raises:
            ValueError: it is none.
        """
        if not _NAME.fullmatch(text):
            raise ValueError("a key is 64 hexadecimal digits")
        raw = bytes.fromhex(text)
        Ed25519PublicKey.from_public_bytes(raw)
        return PublicKey(raw)

    @property
    def name(self) -> str:
        """What it is called, stored and sent as: itself, in 64 hexadecimal digits."""
        return self.raw.hex()

    @property
    def verifier(self) -> Ed25519PublicKey:
        """What checks signatures with it."""
        return Ed25519PublicKey.from_public_bytes(self.raw)


@dataclass(frozen=True, slots=True)
class Key:
    """A key with its private half, which is shown nowhere.

    Attributes:
        signer: what signs with it.
    """

    signer: Ed25519PrivateKey

    @staticmethod
    def made() -> "Key":
        """A new one."""
        return Key(Ed25519PrivateKey.generate())

    @staticmethod
    def of_seed(seed: bytes) -> "Key":
        """A key from its 32 bytes.

        Raises:
            ValueError: they are not 32.
        """
        return Key(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def seed(self) -> bytes:
        """Its 32 bytes, which are a secret."""
        return self.signer.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())

    @property
    def public(self) -> PublicKey:
        """Its public half."""
        return PublicKey(self.signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def __repr__(self) -> str:
        return f"Key({self.public.name[:16]})"


def read_key(file: Path) -> Key | None:
    """The key of a file; None where there is no such file.

    Raises:
        ConfigError: others may read it, or it cannot be read or is no key.
    """
    try:
        with file.open("rb") as handle:
            if os.fstat(handle.fileno()).st_mode & _OTHERS:
                words = "others on this machine may read it; keep it for yourself"
                raise ConfigError([f"{file}: {words}: chmod 600 {file}"])
            raw = handle.read(_MOST_BYTES)
        found = load_pem_private_key(raw, password=None)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError([f"{file}: the key cannot be read ({error.strerror})"]) from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigError([f"{file}: it is no private key; bring a copy back, or make another one"]) from None
    if not isinstance(found, Ed25519PrivateKey):
        raise ConfigError([f"{file}: it is a key of another kind; Ed25519 is needed"])
    return Key(found)


def write_key(key: Key, file: Path) -> None:
    """Writes a key, for the eyes of this account only; it is on the disk, whole, when this returns.

    Raises:
        ConfigError: it cannot be written.
    """
    pem = key.signer.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)  # with mode 0600
        try:
            with os.fdopen(descriptor, "wb") as handle:
                if os.geteuid() == 0:  # root writes for the account that the program runs under
                    owner = file.parent.stat()
                    os.fchown(handle.fileno(), owner.st_uid, owner.st_gid)
                handle.write(pem)
                handle.flush()
                os.fsync(handle.fileno())
            Path(name).replace(file)
            sync_folder(file.parent)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError([f"{file}: the key cannot be written ({error.strerror})"]) from None


def sync_folder(folder: Path) -> None:
    """Makes sure that names of a folder are on the disk.

    Raises:
        OSError: they are not.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
