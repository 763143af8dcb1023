"""The commented example that `passerby init` writes. It says exactly the built-in defaults; a test holds it to that."""

import json
from dataclasses import dataclass
from pathlib import Path

from passerby.errors import ConfigError
from passerby.records import checks
from passerby.site import config_rules
from passerby.site.config import json_schema

_SCHEMA = "site.schema.json"
"""Stands beside the configuration, whose first line names it to editors."""

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
  host: 127.0.0.1         # this machine only; 0.0.0.0: every network, for who has an account (passerby access add)
  port: 8765
  names: []               # such as [counting.example] where browsers reach the page by a name
  tls: null               # self-signed: encrypted by a certificate made here; or {certificate: a.pem, key: b.pem}
  trusted_proxies: []     # such as [127.0.0.1] where a web server stands in front and says who asks

model: null               # null: passerby-person; else a name from `passerby models list`
workers: 0                # 0: one for each core

# Only where a line or zone below says `masks: true` and for what purpose. Of too few people no share is shown.
masks:
  model: null             # null: aizoo-facemask; else a name from `passerby models list`
  minimum_judged: 20
heat_map:
  minimum_people: 5       # cells with fewer people in an hour are blanked before anything leaves the pixel room
proof:
  margin: 0.05            # a count that is proved to be within 5 % of one by hand counts as equal to it
profile: null             # decree-2021-269: only totals and the masked share of the whole site, each 20 minutes or more

mqtt: null                # a broker to tell the counts, such as Home Assistant's
# mqtt:
#   host: broker.example
#   credentials:
#     username: passerby
#     password_file: mqtt.password           # or password_env, or password_credential (systemd)
#   tls: true                                # or {ca: authority.pem}, where an authority of your own signed it
#   onvif: true                              # also as events of ONVIF, for a video management system

hub: null                 # which hub gets the tallies; `passerby join` writes it

# Reports: a page of A4 and a table, to a folder or by e-mail. No password stands here.
reports: null
# reports:
#   schedule: [day, week]                    # each day about the day before; each Monday about the week before
#   at: "06:30"
#   language: en                             # de, fr, es, ru
#   to:
#     folder: reports
#     mail:
#       host: mail.example
#       port: 587
#       security: starttls                   # tls: port 465
#       credentials: {username: counting, password_file: mail.password}
#       from: counting@museum.example
#       to: [office@museum.example]

# Notice: what the sign at the door says (`passerby notice site.yaml`), and the page behind it, /privacy-notice.
notice: null
# notice:
#   controller: Museum of Clocks Ltd
#   address: 12 Tower Street, Springfield
#   contact: privacy@museum.example
#   privacy_officer: dpo@museum.example      # null where there is none
#   authority: null                          # the supervisory authority
#   privacy_url: https://museum.example/privacy-notice
#   purpose: {en: "To know how many visitors come, and to open a second till before queues grow"}
#   legal_basis: legitimate_interests        # public_task, legal_obligation, vital_interests, consent
#   interest: {en: running the museum safely and with short queues}

# Places: rooms or parts of the venue whose occupancy is wanted. Lines and zones of any camera say which they belong to.
places: []
# places:
#   - name: ground floor
#     opens: "06:00"                         # its occupancy is set to zero then
#     crowd_limit: 250                       # how many people may be inside
#     zones_see_all: false                   # true: its zones see the whole place, and are compared with its lines

# Alerts: told once when they begin and once when they end. Addresses of services hold secrets, so they stand elsewhere.
notify: []
# notify:
#   - name: duty phone
#     url_file: duty.apprise                 # or url_env, or url_credential; see github.com/caronc/apprise
#   - name: building system
#     webhook: https://building.example/passerby
#     secret_file: webhook.secret            # signs what is sent
alerts: []
# alerts:
#   - name: ground floor is full
#     when: occupancy_over                   # or queue_over, masked_share_under, camera_down, camera_check,
#                                            # or shelf_empty, with camera and shelf, and facings: 1
#     place: ground floor                    # or camera and zone
#     limit: 250
#     clear_at: 230                          # ends there; between the two nothing changes
#     for_windows: 1
#     quiet: {from: "22:00", to: "07:00"}    # what begins then is told at their end, if it is still true
#     to: [duty phone, building system]

# Cameras as devices: `passerby check site.yaml`, and in `passerby run`. A camera may say check: none.
checks:
  every_s: 30               # how often passerby run asks the cameras themselves
  services_every_s: 21600   # how often it also tries their ports and certificates
  profiles: []              # such as [{name: kiosk, width_px: 1920, height_px: 1080}]; see docs/checks.md
  mute: []                  # such as [{check: clock-ntp, reason: no time server in this network}]

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
#     check: entrance-720p                   # what it must conform to; see checks above
#     onvif: null                            # null: the usual address of its host
#     view: level                            # overhead: the camera looks straight down
#     analysed_fps: null                     # null: 2.5, 5 with a queue, 8 from above
#     lines:
#       - name: door
#         from: [0.3, 0.5]
#         to: [0.7, 0.5]
#         place: ground floor
#         masks: true
#         purpose: to see whether the offer of masks at the door is taken
#     zones:
#       - name: till
#         corners: [[0.1, 0.5], [0.9, 0.5], [0.9, 0.95], [0.1, 0.95]]
#         crowd_limit: 12
#         queue: {head: [0.2, 0.6], tail: [0.8, 0.9]}
#     heat_map: true
#     shelves:                               # gaps are told once it was taught: passerby shelves teach
#       - name: crisps
#         aisle: snacks
#         corners: [[0.1, 0.1], [0.7, 0.1], [0.7, 0.4], [0.1, 0.4]]      # clockwise from the upper left
#         rows: 2
#         columns: 6
#     staff_areas:
#       - corners: [[0.0, 0.4], [0.1, 0.4], [0.1, 0.6], [0.0, 0.6]]      # who stands there is not counted
#     privacy_masks:
#       - corners: [[0.8, 0.0], [1.0, 0.0], [1.0, 0.2], [0.8, 0.2]]      # blanked before anything looks at it
"""


@dataclass(frozen=True, slots=True)
class FirstCamera:
    """A camera to begin with; its lines are drawn in set-up mode.

    Attributes:
        name: stands on the page.
        source: rtsp:// or rtsps:// address without credentials, or a video file.
        username: to sign in with; None where the camera asks nothing.
        password: goes into a file beside the configuration that only its owner may read.
    """

    name: str
    source: str
    username: str | None = None
    password: str | None = None

    @property
    def password_file(self) -> str:
        """Name of the file of the password."""
        return f"{self.name}.password"

    def yaml(self) -> str:
        """As the configuration has it.

        Raises:
            ConfigError: the name or the source cannot be.
        """
        try:
            lines = [
                "cameras:",
                f"  - name: {checks.place_name(self.name)}",
                f"    source: {config_rules.camera_source(self.source)}",
            ]
        except ValueError as error:
            raise ConfigError([f"--camera {self.name}, --source: {error}"]) from None
        if self.username is not None:
            lines.append("    credentials:")
            lines.append(f"      username: {json.dumps(self.username)}")
            lines.append(f"      password_file: {json.dumps(self.password_file)}")
        return "\n".join([*lines, "    # Lines and zones are drawn with Set-up on the page.", ""])


def write(path: Path, camera: FirstCamera | None = None, *, force: bool = False) -> None:
    """Writes the example where nothing stands yet, or over what stands there, and the schema that it names beside it.

    A schema that stands there stays, unless all is written over.

    Args:
        path: where.
        camera: to begin with.
        force: write over a file that exists.

    Raises:
        ConfigError: the file exists or cannot be written, or the camera cannot be.
    """
    text = EXAMPLE.replace("cameras: []\n", camera.yaml()) if camera else EXAMPLE
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
        schema = path.parent / _SCHEMA
        if force or not schema.exists():
            schema.write_text(json.dumps(json_schema(), indent=2) + "\n", encoding="utf-8")
        if camera and camera.password is not None:
            secret = path.parent / camera.password_file
            secret.touch(mode=0o600)
            secret.chmod(0o600)
            secret.write_text(camera.password + "\n", encoding="utf-8")
    except FileExistsError:
        raise ConfigError([f"{path} exists already; choose another name, or --force to write over it"]) from None
    except OSError as error:
        raise ConfigError([f"{error.filename or path}: cannot be written ({error.strerror})"]) from None
