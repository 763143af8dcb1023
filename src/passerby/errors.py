"""Every error that passerby raises for a person to read.

    PasserbyError            exit 1
    ├── InputError           exit 2   something that was given cannot be used
    │   ├── SourceError               a camera, a file or a folder of pictures
    │   ├── ConfigError               the site's configuration or a command's options
    │   └── ModelError                a model: absent, wrong hash, unknown family
    ├── LockdownError        exit 3   the kernel cannot shut the room in
    ├── GateError            exit 4   a room said something that the contract does not allow
    ├── StoreError           exit 5   the store is full, damaged or in use
    └── HubError             exit 6   a hub and a site do not agree

The text says what happened, where, and what to do about it. Credentials never stand in it.
"""


class PasserbyError(Exception):
    """Something went wrong that the reader can act on."""

    exit_code = 1


class InputError(PasserbyError):
    """What was given cannot be used."""

    exit_code = 2


class SourceError(InputError):
    """A source of video cannot be read."""


class ConfigError(InputError):
    """The configuration is wrong; `problems` holds every mistake, each with its path."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class ModelError(InputError):
    """A model is absent, damaged or of an unknown family."""


class LockdownError(PasserbyError):
    """The kernel cannot shut the room in, so the room does not open."""

    exit_code = 3


class GateError(PasserbyError):
    """A room answered outside the contract."""

    exit_code = 4


class StoreError(PasserbyError):
    """The store cannot take or give tallies."""

    exit_code = 5


class HubError(PasserbyError):
    """A hub refused a site, did not prove that it is the right one, or cannot be reached."""

    exit_code = 6
