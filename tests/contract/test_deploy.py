"""What deploy/ holds: each file parses, names commands and settings that there are, and asks for no privilege."""

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from passerby import cli
from passerby.gate import lockdown
from passerby.hub.config import load as load_hub
from passerby.hub.register.postgresql import PostgreSql as Register
from passerby.hub.series.clickhouse import ClickHouse
from passerby.site.config import load as load_site
from tests.conftest import ROOT
from tests.support.postgresql import PASSWORD, USER, PostgreSql, give, needs_postgresql, postgresql_folder
from tests.support.site import eventually

DEPLOY = ROOT / "deploy"
COMPOSE = sorted(DEPLOY.glob("compose/*/compose.yaml"))
MANIFESTS = sorted(path for path in DEPLOY.glob("kubernetes/*/*.yaml") if path.name != "configuration.yaml")
HUBS = sorted([*DEPLOY.glob("compose/*/hub.yaml"), *DEPLOY.glob("kubernetes/*/configuration.yaml")])
UNITS = sorted(DEPLOY.glob("systemd/*.service"))
WRITTEN = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
_WORDS = re.compile(r'"passerby"(?:, "[^"]*")*')
"""A command as a list of words."""
_COMMAND = re.compile(r"(?:/bin/|hub |site |-- |[|]{2} |CMD |: \[)passerby((?: [a-z0-9./_-]+| --[a-z-]+| [A-Z]+)+)")


def documents(path: Path) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all(path.read_text()) if one]


def everything(node: Any) -> Iterator[tuple[str, Any]]:
    """Keys with their values, however deep."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield key, value
            yield from everything(value)
    elif isinstance(node, list):
        for value in node:
            yield from everything(value)


def commands() -> Iterator[tuple[str, str]]:
    """What files of deploy/ type: the file, and the words behind `passerby`."""
    for path in (*COMPOSE, *MANIFESTS, *UNITS, DEPLOY / "Containerfile"):
        text = _WORDS.sub(lambda listed: listed[0].replace('", "', " ").replace('"', ""), path.read_text())
        for found in _COMMAND.finditer(text):
            yield str(path.relative_to(DEPLOY)), found[1].strip()


def test_the_commands_that_are_typed_are_found() -> None:
    found = {words for _, words in commands()}
    assert {"hub run /etc/passerby/hub.yaml", "run /etc/passerby/site.yaml"} <= found
    assert {"hub init /var/lib/passerby --force", "doctor"} <= found


@pytest.mark.parametrize(("file", "words"), sorted(set(commands())))
def test_each_command_and_its_options_exist(file: str, words: str) -> None:
    here: Any = typer.main.get_command(cli.app)
    steps = words.split()
    while hasattr(here, "commands"):
        assert steps[0] in here.commands, f"{file}: passerby {words}"
        here = here.commands[steps.pop(0)]
    options = {name for parameter in here.params for name in (*parameter.opts, *parameter.secondary_opts)}
    assert {step for step in steps if step.startswith("--")} <= options, f"{file}: passerby {words}"


@pytest.mark.parametrize("path", HUBS, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_hubs_are_configured_as_passerby_understands(path: Path) -> None:
    config = load_hub(path)
    assert config.store.folder == "/var/lib/passerby"
    is_large = path.parent.name == "large"
    assert isinstance(config.store.series, ClickHouse) == isinstance(config.store.register_, Register) == is_large


def test_the_site_is_configured_as_passerby_understands() -> None:
    assert load_site(DEPLOY / "compose/site/site.yaml").store.file == "/var/lib/passerby/passerby.sqlite"


def test_the_site_of_several_boxes_is_configured_as_passerby_understands(tmp_path: Path) -> None:
    (given,) = (one for one in documents(DEPLOY / "kubernetes/boxes/records.yaml") if one["kind"] == "ConfigMap")
    (tmp_path / "site.yaml").write_text(given["data"]["site.yaml"])
    assert load_site(tmp_path / "site.yaml").store.file == "/var/lib/passerby/passerby.sqlite"
    pods = [one for name in ("records", "boxes") for one in documents(DEPLOY / f"kubernetes/boxes/{name}.yaml")]
    typed = " ".join(str(value) for key, value in everything(pods) if key == "command")
    assert typed.count("ray', 'start") + typed.count("ray start") == typed.count("--disable-usage-stats") == 2


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.parent.name)
def test_containers_have_no_privilege(path: Path) -> None:
    (document,) = documents(path)
    assert not {"privileged", "cap_add", "devices", "network_mode", "pid"} & {key for key, _ in everything(document)}
    for name, service in document["services"].items():
        assert "no-new-privileges:true" in service["security_opt"], name
        assert "seccomp=unconfined" not in service["security_opt"], name
        if service["image"].startswith("passerby"):
            assert service["cap_drop"] == ["ALL"]
            assert service["read_only"] is True
        else:
            assert re.search(r":\d", service["image"]), f"{name}: an image of a version"
        for mounted in service["volumes"]:
            source = mounted.split(":")[0]
            assert not source.startswith(".") or (path.parent / source).is_file(), mounted
            assert source.startswith(".") or source in document["volumes"], mounted


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_pods_have_no_privilege(path: Path) -> None:
    for document in documents(path):
        keys = dict(everything(document))
        assert not {"privileged", "hostNetwork", "hostPID", "hostPath"} & set(keys)
        if document["kind"] == "StatefulSet":
            pod = document["spec"]["template"]["spec"]
            assert pod["securityContext"]["runAsNonRoot"] is True
            assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
            for container in (*pod["containers"], *pod.get("initContainers", ())):
                assert container["securityContext"]["allowPrivilegeEscalation"] is False
                assert re.search(r":\d", container["image"])


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
@pytest.mark.parametrize("which", ["one", "large"])
def test_manifests_are_put_together(which: str, tmp_path: Path) -> None:
    shutil.copytree(DEPLOY / "kubernetes", tmp_path / "kubernetes")
    folder = tmp_path / "kubernetes" / which
    for name in ("clickhouse", "postgresql"):
        (tmp_path / "kubernetes/large" / f"{name}.password").write_text("secret")
    done = subprocess.run(["kubectl", "kustomize", folder], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    made = list(yaml.safe_load_all(done.stdout))
    (hub,) = (one for one in made if (one["kind"], one["metadata"]["name"]) == ("StatefulSet", "hub"))
    pod = hub["spec"]["template"]["spec"]
    named = {volume["name"] for volume in pod["volumes"]} | {"data"}
    assert {mount["name"] for mount in pod["containers"][0]["volumeMounts"]} <= named
    files = {key: text for one in made if one["kind"] == "ConfigMap" for key, text in one["data"].items()}
    assert files["hub.yaml"] == (folder / "configuration.yaml").read_text()
    known = {(one["kind"], one["metadata"]["name"]) for one in made}
    wanted = [value for key, value in everything(made) if key == "configMap"]
    assert {("ConfigMap", one["name"]) for one in wanted} <= known
    assert {one["metadata"]["namespace"] for one in made if one["kind"] != "Namespace"} == {"passerby"}


@pytest.mark.parametrize("folder", ["compose/large/clickhouse", "kubernetes/large"])
def test_servers_of_clickhouse_know_each_other_by_names_that_there_are(folder: str) -> None:
    cluster = ET.fromstring((DEPLOY / folder / "cluster.xml").read_text())
    keeper = ET.fromstring((DEPLOY / folder / "keeper.xml").read_text())
    config = load_hub(
        DEPLOY / folder.removesuffix("/clickhouse") / ("hub.yaml" if "compose" in folder else "configuration.yaml")
    )
    assert isinstance(config.store.series, ClickHouse)
    assert cluster.find(f"remote_servers/{config.store.series.cluster}/shard/internal_replication") is not None
    assert cluster.find("macros/shard") is not None and cluster.find("macros/replica") is not None
    texts = "".join(path.read_text() for path in (DEPLOY / folder).parent.rglob("*.yaml"))
    asked = {host.text for host in cluster.iterfind("zookeeper/node/host")}
    assert asked == {
        server.findtext("hostname") for server in keeper.iterfind("keeper_server/raft_configuration/server")
    }
    for host in (*asked, *(one.text for one in cluster.iterfind(".//replica/host"))):
        name, _, service = str(host).partition(".")
        assert (re.sub(r"-\d$", "", name) if service else f"{name}:") in texts
        assert service in texts


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_systemd_understands_the_units(path: Path, tmp_path: Path) -> None:
    program = str(Path(sys.executable).with_name("passerby"))
    text = path.read_text().replace("/opt/passerby/bin/passerby", program)
    (tmp_path / path.name).write_text(text.replace("User=passerby\nGroup=passerby\n", ""))
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / path.name)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_the_unit_of_a_site_leaves_its_rooms_the_calls_that_they_need() -> None:
    told = subprocess.run(["systemd-analyze", "syscall-filter"], check=True, capture_output=True, text=True).stdout
    groups: dict[str, list[str]] = {}
    for line in told.splitlines():
        if line.startswith("@"):
            groups[line] = []
        elif line.startswith("    ") and not line.strip().startswith("#"):
            groups[list(groups)[-1]].append(line.strip())

    def calls(name: str) -> set[str]:
        return {name} if name not in groups else set().union(*map(calls, groups[name]))

    unit = (DEPLOY / "systemd/passerby-site.service").read_text()
    named = " ".join(re.findall(r"^SystemCallFilter=(.*)$", unit, re.MULTILINE)).split()
    allowed = set().union(*map(calls, named))
    needed = {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "seccomp", "prctl"}
    in_rooms = set(re.findall(r'Rule\("(\w+)"', Path(lockdown.__file__).read_text()))
    assert len(in_rooms) > 20
    assert needed | in_rooms <= allowed
    assert "MemoryDenyWriteExecute" not in {line.split("=")[0] for line in unit.splitlines()}


@needs_postgresql
def test_the_scripts_make_a_standby_that_each_commit_waits_for(tmp_path: Path) -> None:
    scripts = DEPLOY / "compose/large/postgresql"
    with postgresql_folder() as folder, PostgreSql(folder / "primary").make() as primary:
        assert primary.binaries is not None
        path = f"{primary.binaries}:{os.environ['PATH']}"
        server = {"PGHOST": "127.0.0.1", "PGPORT": str(primary.port), "PGPASSWORD": PASSWORD}
        image = {"POSTGRES_USER": USER, "POSTGRES_DB": "postgres", "PGDATA": str(primary.folder)}
        subprocess.run([scripts / "primary.sh"], check=True, env={**server, **image, "PATH": path}, capture_output=True)
        primary.reload()
        for name in ("primary.sh", "standby.sh"):
            shutil.copy(scripts / name, folder / name)
            give(folder / name)
        secret = folder / "secret"
        secret.write_text(PASSWORD)
        give(secret)
        standby = PostgreSql(folder / "standby")
        told = {"PRIMARY": "127.0.0.1", "PRIMARY_PORT": str(primary.port), "PASSWORD_FILE": str(secret)}
        for _ in range(2):  # it copies once, and follows again after that
            standby.start(folder / "standby.sh", PATH=path, PGDATA=str(standby.folder), **told)
            try:
                eventually(lambda: primary.sql("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"))
                assert primary.sql("SHOW synchronous_standby_names") == [("FIRST 1 (standby)",)]
            finally:
                standby.stop()


def test_what_could_not_be_run_says_so() -> None:
    for path in (*COMPOSE, DEPLOY / "Containerfile", *DEPLOY.glob("kubernetes/*/kustomization.yaml")):
        assert "Not run here" in path.read_text(), path
    for path in UNITS:
        assert "not started here" in path.read_text(), path
    told = (DEPLOY / "README.md").read_text()
    for path in WRITTEN:
        assert (
            path.parent == DEPLOY or str(path.parent.relative_to(DEPLOY)) in told or path.parent.parent.name == "large"
        )


def test_no_password_stands_in_a_file() -> None:
    for path in WRITTEN:
        assert not re.search(
            r"(?i)password\s*[:=]\s*[\"']?(?![\"'\s$`]|\$\()(?!\w+\.password)[a-z0-9]{6,}", path.read_text()
        ), path
