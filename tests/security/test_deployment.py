"""S25, S26, S30: how it is run, what it is made of, and whom to tell."""

import shutil
import subprocess
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.mark.catalogue("S25")
@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_the_unit_is_hardened() -> None:
    """Exposure below 2.5 by systemd's own reckoning."""
    unit = DEPLOY / "kace-bridge.service"
    command = [
        "systemd-analyze",
        "security",
        "--offline=true",
        "--threshold=25",
        "--no-pager",
        unit,
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-200:]


@pytest.mark.catalogue("S25")
def test_the_unit_knows_our_exit_codes() -> None:
    """75 is no failure; a stop leaves time for a write on its way; the umask is private."""
    lines = (DEPLOY / "kace-bridge.service").read_text().splitlines()
    assert {"SuccessExitStatus=75", "UMask=0077", "DynamicUser=yes"} <= set(lines)
    assert any(line.startswith("LoadCredential=") for line in lines)


@pytest.mark.catalogue("S25")
def test_the_container_runs_as_nobody_in_particular() -> None:
    """Not root, nothing writable but the state, no privileges to gain."""
    job, policy = yaml.safe_load_all((DEPLOY / "cronjob.yaml").read_text())
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["restartPolicy"] == "Never"
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert policy["spec"]["ingress"] == []
    assert "USER 10001" in (DEPLOY / "Dockerfile").read_text()


@pytest.mark.catalogue("S25")
def test_the_windows_task_never_starts_a_second() -> None:
    """IgnoreNew, least privilege, a limit on how long it may take."""
    task = ET.fromstring((DEPLOY / "task-scheduler.xml").read_bytes().split(b"?>", 1)[1])
    words = {element.tag.rpartition("}")[2]: element.text for element in task.iter()}
    assert words["MultipleInstancesPolicy"] == "IgnoreNew"
    assert words["RunLevel"] == "LeastPrivilege"
    assert words["ExecutionTimeLimit"] == "PT15M"


@pytest.mark.catalogue("S26")
@pytest.mark.parametrize("text", PROJECT["dependencies"])
def test_every_dependency_is_pinned_by_hash(text: str) -> None:
    """At a version our floor allows, so that an install with --require-hashes works."""
    wanted = Requirement(text)
    assert wanted.specifier, f"{wanted.name} has no floor"
    lines = (DEPLOY / "requirements.lock").read_text().splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith(f"{wanted.name}=="))
    assert wanted.specifier.contains(lines[place].split("==")[1].split()[0])
    assert lines[place + 1].strip().startswith("--hash=sha256:")


@pytest.mark.catalogue("S26")
def test_there_are_few_dependencies() -> None:
    """Each is one more party to trust: a new one has to earn its place here too."""
    assert len(PROJECT["dependencies"]) <= 12


@pytest.mark.catalogue("S30")
def test_whoever_finds_a_hole_knows_where_to_go() -> None:
    """A private path, a deadline, and the assets at stake are written down."""
    text = (ROOT / "SECURITY.md").read_text()
    for word in ("Report a vulnerability", "ninety days", "CVE", "service account", "webhook"):
        assert word in text
