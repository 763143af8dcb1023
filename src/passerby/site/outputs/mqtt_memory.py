"""Which topics hold something of ours at the broker, so that what was renamed or removed can be emptied there.

A broker does not tell where its retained messages end, nor which of them an earlier name of the site left, so they are
remembered here, in a small file beside the store.
"""

import json
from collections.abc import Iterable
from pathlib import Path

import structlog

_log = structlog.get_logger("passerby.site")


class Memory:
    """The topics, on the disk.

    Args:
        file: of JSON; made when it is first written.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    @staticmethod
    def beside(store: Path) -> "Memory":
        """The memory of the site with this store."""
        return Memory(store.with_name(f"{store.name}.mqtt.json"))

    def read(self) -> set[str]:
        """What is remembered; nothing where there is no such file, or one that cannot be read."""
        try:
            told = json.loads(self._file.read_text(encoding="utf-8"))
            return {topic for topic in told["topics"] if isinstance(topic, str)}
        except FileNotFoundError:
            return set()
        except (OSError, ValueError, LookupError, TypeError) as error:
            _log.warning("what was published by MQTT before is not known", file=str(self._file), problem=str(error))
            return set()

    def write(self, topics: Iterable[str]) -> None:
        """Remembers these, or logs that it could not."""
        new = self._file.with_name(f"{self._file.name}.new")
        try:
            new.write_text(json.dumps({"topics": sorted(topics)}, ensure_ascii=False, indent=1), encoding="utf-8")
            new.replace(self._file)
        except OSError as error:
            _log.warning("what is published by MQTT is not remembered", file=str(self._file), problem=error.strerror)
