"""The commented example that `passerby init` writes. It says exactly the built-in defaults; a test holds it to that."""

from pathlib import Path

from passerby.errors import ConfigError

EXAMPLE = """\
# yaml-language-server: $schema=site.schema.json
# passerby: the configuration of a site. Every value below is the default; change what differs.
# All keys: docs/configuration.md. After a change: passerby run site.yaml (it names every mistake at once).

site:
  name: My venue          # stands at the top of the page
  time_zone: null         # such as Europe/Paris; null: the zone of this machine

window_s: 900             # a tally for each quarter of an hour; 60 is the shortest, 3600 the longest

store:
  file: passerby.sqlite   # relative to this file; tallies only, never pictures

web:
  host: 127.0.0.1         # this machine only; 0.0.0.0 lets the whole network read the page
  port: 8765
  names: []               # such as [counting.example] where browsers reach the page by a name

model: null               # null: the best at hand; else a name from `passerby models list`
workers: 0                # 0: one for each core

# The cameras. Take the leading "# " away to begin, and put no password here.
# "In" is crossing a line from the left hand to the right hand of someone who walks from `from` to `to`.
# Points are fractions of the picture: [0, 0] is the top left corner, [1, 1] the bottom right.
cameras: []
# cameras:
#   - name: entrance
#     source: rtsp://camera.example:554/stream
#     credentials:
#       username: viewer
#       password_file: entrance.password     # or password_env, or password_credential (systemd)
#     view: level                            # overhead: the camera looks straight down
#     analysed_fps: 8
#     lines:
#       - name: door
#         from: [0.3, 0.5]
#         to: [0.7, 0.5]
#     zones:
#       - name: hall
#         corners: [[0.1, 0.5], [0.9, 0.5], [0.9, 0.95], [0.1, 0.95]]
"""


def write(path: Path, *, force: bool = False) -> None:
    """Writes the example where nothing stands yet, or over what stands there.

    Raises:
        ConfigError: the file exists or cannot be written.
    """
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(EXAMPLE)
    except FileExistsError:
        raise ConfigError([f"{path} exists already; choose another name, or --force to write over it"]) from None
    except OSError as error:
        raise ConfigError([f"{path}: cannot be written ({error.strerror})"]) from None
