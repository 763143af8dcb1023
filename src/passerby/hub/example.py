"""The commented configuration that `passerby hub init` writes. It says the built-in defaults; a test sees to that."""

import json
from pathlib import Path

from passerby.errors import ConfigError
from passerby.hub.config import FILE_NAME, json_schema

_SCHEMA = "hub.schema.json"
"""Stands beside the configuration, whose first line names it to editors."""

EXAMPLE = """\
# yaml-language-server: $schema=hub.schema.json
# passerby: the configuration of a hub. Every value below is the default; change what differs.
# All keys: docs/hub-configuration.md. After a change: passerby hub run (it names every mistake at once).

hub:
  name: My venues         # stands at the top of the pages
  time_zone: UTC          # of what belongs to no single venue; a venue has its own
  url: null               # how sites reach it, such as https://hub.example; null: the first of web.names

web:
  host: 127.0.0.1         # this machine only; 0.0.0.0: every network, for who has an account (passerby hub access add)
  port: 8780
  names: []               # such as [hub.example]
  tls: null               # self-signed, or {certificate: a.pem, key: b.pem}; null where a proxy does it
  trusted_proxies: []     # such as [127.0.0.1] where a web server stands in front and says who asks

store:
  folder: .               # keys, accounts and stores; relative to this file. Copy all of it, the keys too
  series: series.sqlite   # tallies of all venues
  register: register.sqlite   # venues, who may do what, and the log

sites:
  silent_after_s: 900     # a site that was not heard for so long is silent; each sends once a minute

oidc: null                # log-in by a provider (OpenID Connect); docs/hub-access.md
notify: []                # who may be told of alerts, such as [{name: duty, url_file: duty.apprise}]
contacts: null            # how responsible contacts get mail: {url_file: contacts.apprise}; docs/hub-alerts.md
alerts: []                # such as [{name: silent, when: venue_silent, to: [duty]}]

release:                  # passerby hub release; docs/release.md
  profile: public         # or strict, or internal: where the command names none
  crossings: 4            # how often one person comes into one venue in one day at most: assumed, not enforced
  epsilon_day: 0.5        # what the count of one venue-day costs; less is more noise
  epsilon_hours: 0.5      # what all its hours cost beside it
  budget_day: 1.0         # most that is ever spent on one venue-day
  budget_year: 200.0      # most that is spent on all days of one venue and year together
  minimum: 50             # smaller counts, as measured with noise, are not published
  minimum_judged: 20      # of fewer people judged, strict tells no masked share
  wait_days: 15           # so long a day that is not here completely is waited for
  folder: releases        # relative to the hub's folder
  counter: release.counter   # better on another disk than the register, and out of its backups
"""


def write(folder: Path, *, force: bool = False) -> Path:
    """Writes the example where nothing stands yet, or over what stands there, and the schema that it names beside it.

    Args:
        folder: where; made where there is none, for this account alone.
        force: write over a file that exists.

    Raises:
        ConfigError: the file exists or cannot be written.
    """
    path = folder / FILE_NAME
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(EXAMPLE)
        (folder / _SCHEMA).write_text(json.dumps(json_schema(), indent=2) + "\n", encoding="utf-8")
    except FileExistsError:
        raise ConfigError([f"{path} exists already; choose another folder, or --force to write over it"]) from None
    except OSError as error:
        raise ConfigError([f"{error.filename or path}: cannot be written ({error.strerror})"]) from None
    return path
