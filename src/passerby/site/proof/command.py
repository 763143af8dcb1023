"""`passerby prove`: what is proved, counts by hand from a file, and the end of a proof."""

from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from rich.table import Table

from passerby.core.equivalence import LEAST_WINDOWS
from passerby.errors import ConfigError
from passerby.records.system import system_account
from passerby.site.config import SiteConfig
from passerby.site.journal import Action, Journal
from passerby.site.proof.lines import ProvableLine
from passerby.site.proof.proofs import Proofs
from passerby.site.proof.report import LineProof, line_proof
from passerby.site.proof.sheet import read_sheet


@dataclass(frozen=True, slots=True)
class Prover:
    """A site whose counts are to be proved.

    Attributes:
        config: of the site.
        lines: as they are counted now.
    """

    config: SiteConfig
    lines: tuple[ProvableLine, ...]

    def line(self, label: str) -> ProvableLine:
        """The line of that name, CAMERA/LINE.

        Raises:
            ConfigError: there is none.
        """
        for one in self.lines:
            if label == one.label:
                return one
        known = ", ".join(one.label for one in self.lines) or "none"
        raise ConfigError([f"there is no line {label!r}; write CAMERA/LINE. Lines here: {known}"])

    def take(self, label: str, file: Path) -> int:
        """Takes counts by hand from a file; gives the number of windows.

        Raises:
            ConfigError: no such line, or mistakes in the file.
            StoreError: nothing was written.
        """
        account = system_account()
        window = (self.config.window_s, self.config.site.zone)
        windows = read_sheet(file, self.line(label), account, window)
        Proofs(self.config.store_file).add(windows)
        Journal(self.config.store_file).add(account, Action.PROOF_ENDED, f"{label}: {len(windows)} windows from a file")
        return len(windows)

    def end(self, what: str, note: str) -> int:
        """Ends what was proved of a camera, or of one line of it; gives the number of windows.

        Raises:
            ConfigError: no such camera or line.
            StoreError: nothing was written.
        """
        cameras = {one.camera for one in self.lines}
        camera, line = (what, None) if what in cameras else (self.line(what).camera, self.line(what).name)
        ended = Proofs(self.config.store_file).end(camera, line)
        Journal(self.config.store_file).add(system_account(), Action.PROOF_EXPIRED, f"{what}: {note}".rstrip(": "))
        return ended

    def told(self) -> tuple[LineProof, ...]:
        """What is proved of each line.

        Raises:
            StoreError: the store cannot be read.
        """
        proofs = Proofs(self.config.store_file)
        zone = self.config.site.zone
        return tuple(line_proof(line, proofs.of(line), self.config.proof.margin, zone) for line in self.lines)


def table(told: tuple[LineProof, ...], zone: tzinfo | None) -> Table:
    """What is proved, as a table.

    Args:
        told: of each line.
        zone: the site's; None for the machine's.
    """
    margins = {one.whole.margin for one in told if one.whole}
    words = f"equal: whether the bias is proved to be within {100 * max(margins):g} %" if margins else None
    table = Table(caption=words, caption_justify="left")
    for column in ("line", "windows", "by hand", "by engine", "bias", "equal"):
        table.add_column(column)
    for one in told:
        name, whole = f"{one.camera}/{one.line}", one.whole
        if whole is None:
            table.add_row(name, "", "", "", why_nothing(one), "")
            continue
        counted = (str(whole.windows), f"{whole.hand:.0f}", f"{whole.engine:.0f}")
        table.add_row(name, *counted, one.words(zone), "yes" if whole.equivalent else "not proved")
    return table


def why_nothing(one: LineProof) -> str:
    """Why nothing is proved of a line, in words."""
    if one.used >= LEAST_WINDOWS:
        return "nobody crossed while it was counted by hand"
    if one.expired:
        return "expired: the camera, the line or the detector changed since; count by hand again"
    if one.waiting:
        return "the running site compares the windows counted by hand within a minute of their end"
    if one.left_out:
        return "the engine saw too little of the windows counted by hand"
    return "not counted by hand for three whole windows yet"
