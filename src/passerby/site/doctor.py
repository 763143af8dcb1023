"""`passerby doctor`: what this machine can do, what it cannot, and how to mend it."""

import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import msgspec
from rich.markup import escape
from rich.table import Table

from passerby import __version__
from passerby.errors import ModelError
from passerby.gate import landlock, seccomp
from passerby.gate.messages import ModelPlan
from passerby.site import models
from passerby.site.models import SourceKind

Level = Literal["good", "note", "missing"]
_STYLES = {"good": "green", "note": "yellow", "missing": "bold red"}
_PIXEL_FACTS = (sys.executable, "-I", "-m", "passerby.pixels.facts")
_SELF_TEST = (sys.executable, "-I", "-m", "passerby.pixels.selftest")
_CPU_FEATURES = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "asimd", "bf16")
_MIN_FREE_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: its name.
        level: "good", "note" (works, could be better) or "missing" (passerby will not start).
        seen: what was seen.
        mend: what to do; empty where nothing is to be done.
    """

    what: str
    level: Level
    seen: str
    mend: str = ""

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return asdict(self)


def examine() -> list[Finding]:
    """Looks at everything that passerby needs."""
    return [
        _python(),
        _landlock(),
        _seccomp(),
        _processor(),
        *_pixel_room(),
        *_models(),
        _self_test(),
        _disk(),
    ]


def locks() -> list[Finding]:
    """Looks at the kernel's two locks alone, at once."""
    return [_landlock(), _seccomp()]


def table(findings: list[Finding]) -> Table:
    """The findings as a table for a terminal."""
    result = Table(title="passerby doctor", show_lines=False)
    for column in ("", "what", "seen", "what to do"):
        result.add_column(column, overflow="fold")
    for finding in findings:
        level = f"[{_STYLES[finding.level]}]{finding.level}[/]"
        result.add_row(level, *map(escape, (finding.what, finding.seen, finding.mend)))
    return result


def _python() -> Finding:
    seen = f"passerby {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}"
    return Finding("version", "good", seen)


def _landlock() -> Finding:
    abi = landlock.abi()
    if abi == 0:
        mend = "Use Linux 5.13 or later and add `landlock` to the boot option lsm=. Without it no video is opened."
        return Finding("Landlock", "missing", "none", mend)
    if abi < landlock.ABI_WITH_PORTS:
        mend = (
            "Files can be counted. For cameras use Linux 6.7 or later (Debian 13, Ubuntu 24.04), which can limit ports."
        )
        return Finding("Landlock", "missing", f"ABI {abi}, which cannot limit network ports", mend)
    return Finding("Landlock", "good", f"ABI {abi}")


def _seccomp() -> Finding:
    if platform.machine() not in ("x86_64", "aarch64"):
        return Finding("seccomp", "missing", platform.machine(), "passerby locks down x86_64 and aarch64.")
    if not seccomp.available():
        return Finding("seccomp", "missing", "none", "Use a kernel with CONFIG_SECCOMP_FILTER, 4.14 or later.")
    return Finding("seccomp", "good", "can end a process that leaves its list")


def _processor() -> Finding:
    flags: set[str] = set()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("flags", "Features"):
            flags.update(value.split())
    found = [feature for feature in _CPU_FEATURES if feature in flags]
    seen = f"{len(os.sched_getaffinity(0))} cores, {', '.join(found) or 'no vector units known to us'}"
    if not found:
        return Finding(
            "processor", "note", seen, "Counting works, but slowly: AVX2 or NEON makes it several times faster."
        )
    return Finding("processor", "good", seen)


def _ask(command: tuple[str, ...], question: bytes = b"") -> dict[str, object] | str:
    """What a program of the pixel room answers, or why it did not."""
    try:
        answer = subprocess.run(command, input=question, capture_output=True, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if answer.returncode != 0:
        return (
            answer.stderr.decode("utf-8", "replace").strip().splitlines()[-1] if answer.stderr else "it gave no answer"
        )
    found: dict[str, object] = json.loads(answer.stdout)
    return found


def _pixel_room() -> list[Finding]:
    facts = _ask(_PIXEL_FACTS)
    if isinstance(facts, str):
        return [
            Finding(
                "pixel room", "missing", facts, "Install passerby again: its decoder or inference runtime is broken."
            )
        ]
    missing = facts["missing_decoders"]
    decoders = Finding("decoders", "good", str(facts["decoders"]))
    if missing:
        decoders = Finding("decoders", "note", f"none for {missing}", "Set such cameras to H.264 or H.265.")
    return [decoders, Finding("inference", "good", str(facts["inference"]))]


def _models() -> list[Finding]:
    """Each file of a detector once; those that are not here only where none is."""
    findings: list[Finding] = []
    states = models.installed()
    told: set[str] = set()
    for state in states:
        what = f"model {state.entry.name}"
        if state.entry.sha256 in told:
            continue
        told.add(state.entry.sha256)
        if state.whole:
            findings.append(Finding(what, "good", f"{state.entry.licence}, SHA-256 {state.sha256[:16]}…, {state.file}"))
        elif state.entry.source.kind is SourceKind.OWN:
            findings.append(Finding(what, "note", "its file is damaged or gone", "Install passerby again."))
        elif state.file:
            mend = f"Remove {state.file} and run `passerby models get {state.entry.name}`."
            findings.append(Finding(what, "note", "the file is damaged", mend))
        elif not any(one.whole for one in states):
            findings.append(Finding(what, "note", "not on this machine", f"passerby models get {state.entry.name}"))
    return findings


def _self_test() -> Finding:
    """Lets the best detector at hand look at a known picture: one that finds nobody must not stay silent."""
    here = [state for state in models.installed() if state.whole]
    if not here:
        return Finding(
            "self-test", "missing", "no detector is here, not even passerby's own", "Install passerby again."
        )
    name = here[0].entry.name
    ours = here[0].entry.source.kind is SourceKind.OWN
    anew = "Install passerby again." if ours else f"Run `passerby models get {name}` again."
    try:
        plan: ModelPlan = models.resolve(name).plan
    except ModelError as error:
        return Finding("self-test", "missing", str(error), anew)
    answer = _ask(_SELF_TEST, msgspec.json.encode(plan))
    if isinstance(answer, str):
        return Finding("self-test", "missing", answer, anew)
    seen = f"{name} found {answer['found']} of {answer['expected']} figures in {answer['ms']} ms"
    if not answer["found"]:
        return Finding("self-test", "missing", seen, f"The detector sees nobody. {anew} Or choose another one.")
    if answer["found"] != answer["expected"]:
        return Finding("self-test", "note", seen, f"It sees less than it should. {anew} Or choose another one.")
    return Finding("self-test", "good", seen)


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free
    seen = f"{free / 1e9:.1f} GB free here"
    if free < _MIN_FREE_BYTES:
        return Finding("disk", "note", seen, "A store of ten cameras needs about 1 GB for 13 months.")
    return Finding("disk", "good", seen)
