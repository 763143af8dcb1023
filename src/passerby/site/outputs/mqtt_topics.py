"""Names for MQTT: topics that no two names share, and the ids that Home Assistant asks for.

A topic is `<prefix>/<site>/<camera>/<line or zone>/<measure>`. `_site` stands where there is no camera, and `_all`
where there is no line, zone or place.
"""

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

Key = tuple[str | None, str | None, str]
"""A camera, a line, zone or place, and a measure; see `outputs.numbers.Number.key`."""

NO_CAMERA = "_site"
NO_SUBJECT = "_all"
AVAILABLE = "available"

_SLUG_CHARACTERS = 60
_DIGEST_CHARACTERS = 12


def level(name: str) -> str:
    """A name as one level of a topic: escaped as in a URL, so that it can be read back and no two names are alike.

    No name becomes one that begins with `_`; those are ours.
    """
    escaped = quote(name, safe="")
    return f"%5F{escaped[1:]}" if escaped.startswith("_") else escaped


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of a site.

    Attributes:
        prefix: first level or levels.
        site: name of the venue.
    """

    prefix: str
    site: str

    @property
    def available(self) -> str:
        """Says whether the site is there."""
        return f"{self.prefix}/{level(self.site)}/{AVAILABLE}"

    def of(self, key: Key) -> str:
        """Where a measure is told."""
        camera, subject, measure = key
        first = NO_CAMERA if camera is None else level(camera)
        second = NO_SUBJECT if subject is None else level(subject)
        return f"{self.prefix}/{level(self.site)}/{first}/{second}/{measure}"

    def entity_id(self, key: Key) -> str:
        """What Home Assistant is asked to name a measure after, without its domain."""
        return _slug(self.site, *key)

    def unique_id(self, key: Key) -> str:
        """An id in letters, digits and `_` that no other key has, and that stays as long as the names do."""
        return f"passerby_{_slug(*key)}_{self._digest(*key)}"

    def device_id(self, camera: str | None) -> str:
        """Of a camera, or of the site itself."""
        return f"passerby_{self._digest(camera)}"

    @property
    def client_id(self) -> str:
        """The name of a connection, in the letters and digits that every broker takes."""
        return f"passerby{self._digest()}"

    def _digest(self, *parts: str | None) -> str:
        told = json.dumps([self.prefix, self.site, *parts])
        return hashlib.sha256(told.encode()).hexdigest()[:_DIGEST_CHARACTERS]


def _slug(*parts: str | None) -> str:
    """Lower-case letters, digits and single `_` that a person can read; not unique, and never empty."""
    plain = unicodedata.normalize("NFKD", " ".join(filter(None, parts))).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain)[:_SLUG_CHARACTERS].strip("_") or "passerby"
