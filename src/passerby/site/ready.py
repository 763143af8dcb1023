"""From the configuration to all that a start needs: cameras with their sources, models, secrets. Nothing is started."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from passerby.errors import ConfigError
from passerby.gate.guard import Job
from passerby.gate.sources import SourceKind, parse
from passerby.records.access import Access
from passerby.site import models
from passerby.site.audit_order import audit_camera
from passerby.site.audits import Audits, Pace
from passerby.site.config import Camera, OwnModel, SiteConfig, camera_plan, load
from passerby.site.count import Models
from passerby.site.opening import open_access, open_tls
from passerby.site.outbox.channel import hub_desk
from passerby.site.outbox.desk import HubDesk
from passerby.site.outputs import Output, mqtt
from passerby.site.outputs.alerts import AlertDesk, alert_desk
from passerby.site.paper.desk import reports_output
from passerby.site.proof import ProvableLine, provable_lines
from passerby.site.proof.command import Prover
from passerby.site.shelf_references import taught_plan
from passerby.site.signin import sign_in


@dataclass(frozen=True, slots=True)
class Ready:
    """A configuration with all that it names.

    Attributes:
        config: as it was read.
        jobs: its cameras.
        models: who looks at them.
        access: who is let in to the page; None lets in everybody on this machine.
        tls: what the page is encrypted with.
        alerts: what somebody wants to be told; None where nobody does.
        outputs: who else is told.
        audits: look at the cameras as devices.
        hub: what tells the hub; None where there is none.
    """

    config: SiteConfig
    jobs: list[Job]
    models: Models
    access: Access
    tls: ssl.SSLContext | None
    alerts: AlertDesk | None
    outputs: tuple[Output, ...]
    audits: Audits
    hub: HubDesk | None


def ready(path: Path) -> Ready:
    """Reads a configuration as a start does.

    Raises:
        ConfigError, SourceError, ModelError: a site cannot start with it; the text says why.
    """
    config = load(path)
    if not config.cameras:
        raise ConfigError([f"{path}, cameras: none is given; add one, as the example of `passerby init` shows."])
    access = open_access(config, path)  # before secrets of cameras are read
    return Ready(
        config=config,
        jobs=[job_of(camera, config) for camera in config.cameras],
        models=models_of(config),
        access=access,
        tls=open_tls(config),
        alerts=alert_desk(config),
        outputs=_outputs(config),
        audits=audits_of(config),
        hub=hub_desk(config),
    )


def prover(path: Path) -> Prover:
    """A site whose counts are to be proved.

    Raises:
        ConfigError, SourceError, ModelError: it could not run as it is.
    """
    config = load(path)
    jobs = [job_of(camera, config) for camera in config.cameras]
    return Prover(config, lines_of(jobs, models_of(config)))


def lines_of(jobs: list[Job], known: Models) -> tuple[ProvableLine, ...]:
    """The lines of some cameras, with all that their counts depend on."""
    return provable_lines(jobs, known.people.counts_as if known.people else None)


def job_of(camera: Camera, config: SiteConfig) -> Job:
    """A camera with its source.

    Raises:
        ConfigError, SourceError: it cannot be read.
    """
    is_url = "://" in camera.source
    text = camera.source if is_url else str(config.path_of(camera.source))
    source = parse(text, sign_in(camera, config))
    if source.kind is SourceKind.STDIN:
        raise ConfigError([f"camera {camera.name}: source - is for `passerby count`; name a stream or a file."])
    return Job(taught_plan(camera_plan(camera, config), config.store_file), source.at_its_own_pace())


def models_of(config: SiteConfig) -> Models:
    """Who looks at the cameras of a site.

    Raises:
        ModelError: one is needed that cannot be had.
    """
    level = any(camera.view == "level" for camera in config.cameras)
    return Models(
        _model(config) if level else None,
        models.resolve_masks(config.masks.model) if config.asks_for_masks else None,
    )


def _model(config: SiteConfig) -> models.ResolvedModel:
    if isinstance(config.model, OwnModel):
        own = config.model
        return models.resolve_own(config.path_of(own.file), own.family, own.input, own.threshold)
    return models.resolve(config.model)


def _outputs(config: SiteConfig) -> tuple[Output, ...]:
    broker = mqtt.channel(config)
    told = [mqtt.publishes(broker)] if broker else []
    return (*told, *([reports_output(config)] if config.reports else []))


def audits_of(config: SiteConfig) -> Audits:
    """What looks at the cameras of a site as devices.

    Raises:
        ConfigError: a camera's password cannot be read.
    """
    pace = Pace(
        judge_every_s=min(Pace().judge_every_s, config.checks.every_s),
        probe_every_s=config.checks.every_s,
        services_every_s=config.checks.services_every_s,
        answer_within_s=60.0 + 2 * len(config.cameras),  # so many cannot all be asked at once
    )
    return Audits([audit_camera(camera, config) for camera in config.cameras], pace)
