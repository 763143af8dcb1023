"""The command line: exit status, what goes to which stream, and nothing but JSON where JSON was asked for."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from passerby import __version__
from passerby.errors import (
    ConfigError,
    GateError,
    InputError,
    LockdownError,
    ModelError,
    PasserbyError,
    SourceError,
    StoreError,
)
from passerby.gate import landlock, seccomp
from tests.support.clips import make_clip
from tests.support.program import in_words, passerby

LINE = ("--line", "middle=0.5,0.9:0.5,0.1")
locks = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or no seccomp"
)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "walk.mp4")


def test_version() -> None:
    ran = passerby("--version")
    assert (ran.status, ran.out, ran.err) == (0, f"passerby {__version__}\n", "")


def test_without_a_command_help_is_shown() -> None:
    ran = passerby()
    assert "count" in ran.out + ran.err
    assert "doctor" in ran.out + ran.err


def test_exit_statuses_are_those_of_the_tree_of_errors() -> None:
    statuses = {kind: kind.exit_code for kind in (PasserbyError, InputError, LockdownError, GateError, StoreError)}
    assert sorted(statuses.values()) == [1, 2, 3, 4, 5]
    assert {SourceError.exit_code, ConfigError.exit_code, ModelError.exit_code} == {2}


def test_a_word_that_is_no_command_or_option() -> None:
    for arguments in (("no-such-command",), ("count",), ("count", "x", "--no-such-option")):
        ran = passerby(*arguments)
        assert ran.status == 2
        assert ran.out == ""
        assert "Traceback" not in ran.err


def test_errors_go_to_standard_error_alone(clip: Path) -> None:
    ran = passerby("count", clip.with_name("none.mp4"), "--view", "overhead", *LINE, "--json")
    assert (ran.status, ran.out) == (2, "")
    assert "none.mp4" in in_words(ran)


def test_a_view_that_is_none(clip: Path) -> None:
    ran = passerby("count", clip, "--view", "sideways", *LINE)
    assert ran.status == 2
    assert "level or overhead" in in_words(ran)


@locks
def test_json_is_one_object_and_nothing_else(clip: Path) -> None:
    ran = passerby("count", clip, "--view", "overhead", *LINE, "--json")
    assert ran.status == 0, ran.err
    assert ran.out.count("\n") == 1
    assert ran.json["lines"] == {"middle": {"in": ran.json["lines"]["middle"]["in"], "out": 0}}
    assert ran.err == ""


@locks
def test_the_table_names_each_place_and_the_locks(clip: Path) -> None:
    ran = passerby("count", clip, "--view", "overhead", *LINE, "--zone", "hall=0,0:1,0:1,1")
    assert ran.status == 0, ran.err
    for words in ("middle", "hall", "seccomp", f"Landlock ABI {landlock.abi()}"):
        assert words in ran.out


def test_without_the_locks_it_says_so(clip: Path) -> None:
    ran = passerby("count", clip, "--view", "overhead", *LINE, "--unsafe-no-lockdown")
    assert ran.status == 0, ran.err
    assert "NOT LOCKED DOWN" in ran.out


@locks
def test_a_name_with_brackets_is_no_markup(tmp_path: Path) -> None:
    odd = make_clip(tmp_path / "[bold]odd[-].mp4")
    ran = passerby("count", odd, "--view", "overhead", "--line", "[/red]a[-]=0.5,0.9:0.5,0.1")
    assert ran.status == 0, ran.err
    assert "[bold]odd[-].mp4" in ran.out
    assert "[/red]a[-]" in ran.out


def test_init_writes_a_file_that_run_reads_and_writes_over_nothing(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    assert passerby("init", file).status == 0
    again = passerby("init", file)
    assert again.status == 2
    assert "exists already" in in_words(again)
    assert passerby("init", file, "--force").status == 0
    ran = passerby("run", file)
    assert ran.status == 2
    assert "cameras: none is given" in in_words(ran)


def test_the_schema_is_json() -> None:
    assert "cameras" in passerby("schema").json["properties"]


def test_doctor_answers_in_json_and_by_its_status(shared_models: Path) -> None:
    ran = passerby("doctor", "--json")
    findings = json.loads(ran.out)
    assert {"what", "level", "seen", "mend"} == set(findings[0])
    assert ran.status == (1 if any(one["level"] == "missing" for one in findings) else 0)


@locks
def test_ctrl_c_ends_a_count_with_what_was_counted() -> None:
    """Standard input that never ends, as of a camera."""
    command = [sys.executable, "-m", "passerby.cli", "count", "-", "--view", "overhead", *LINE, "--json"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while process.poll() is None and len(children.read_text().split()) < 2:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.stdout.read(), process.stderr.read()
        assert process.wait(60) in (0, 2)
    assert b"Traceback" not in err
    assert out == b"" or json.loads(out)
