"""Reading the account alone: quickly where it is plain, in full where it is not."""

import os
from pathlib import Path

import pytest

from kace_bridge.config.light import (
    Account,
    _read_plainly,
    _read_strictly,
    environment_account,
    machine_zone,
    read_account,
)
from kace_bridge.config.yaml_source import read_text
from kace_bridge.errors import ConfigError

ENVIRON = {"KACE_URL": "https://kace.example.org", "KACE_USERNAME": "svc", "KACE_PASSWORD": "pw",
           "KACE_ORG": "Second", "OTHER": "other"}  # fmt: skip

PLAIN = [
    pytest.param("{}", id="all defaults"),
    pytest.param("{url: 'https://a.example.org', organization: Default}", id="literals"),
    pytest.param("{username: {env: OTHER}, password: {env: NOT_SET, default: x}}", id="defaults"),
    pytest.param("{timezone: Europe/Paris, queues: [One, 2]}", id="zone and queues"),
    pytest.param("{totp: {env: OTHER}, ca_bundle: /ca.pem, insecure_host: a}", id="extras"),
    pytest.param("{page_size: 100, settle: 30s, request_timeout: 5s}", id="what is not needed"),
]


@pytest.mark.parametrize("appliance", PLAIN)
def test_both_ways_read_the_same(appliance: str) -> None:
    """The quick reading has no opinion of its own."""
    document, problems = read_text(f"appliance: {appliance}", "rules.yaml")
    assert document is not None
    assert not problems
    quick = _read_plainly(document.data["appliance"], ENVIRON)  # type: ignore[index]
    assert quick is not None
    assert quick == _read_strictly(document, Path("rules.yaml"), ENVIRON)


@pytest.mark.parametrize(
    ("appliance", "said"),
    [
        pytest.param("{url: {env: NOT_SET}}", "NOT_SET is not set", id="a variable not set"),
        pytest.param("{password: hunter2}", "rules.yaml:1:23: 'password'", id="a literal password"),
        pytest.param("{ulr: x}", "Did you mean 'url'?", id="a mistyped key"),
        pytest.param("{timezone: Mars}", "'Mars' is not a time zone", id="no zone"),
        pytest.param("{queues: One}", "rules.yaml:1:21: 'queues'", id="no list"),
        pytest.param("{queues: [true]}", "rules.yaml:1:22:", id="no queue"),
        pytest.param("[]", "rules.yaml:1:12:", id="no mapping"),
        pytest.param(
            "{password: {file: nix}}", "appliance.password: cannot read", id="a missing file"
        ),
        pytest.param("{url: {env: ''}}", "rules.yaml:1:24:", id="a variable without a name"),
    ],
)
def test_what_is_not_plain_is_explained(tmp_path: Path, appliance: str, said: str) -> None:
    """The long way names place and cure, and no secret."""
    path = tmp_path / "rules.yaml"
    path.write_text(f"appliance: {appliance}\n")
    with pytest.raises(ConfigError) as caught:
        read_account(path, ENVIRON)
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_secrets_from_files_are_read(tmp_path: Path) -> None:
    """The long way again: permissions are checked there."""
    secret = tmp_path / "pw"
    secret.write_text("from file\n")
    secret.chmod(0o600)
    path = tmp_path / "rules.yaml"
    path.write_text("appliance: {password: {file: pw}}\n")
    assert read_account(path, ENVIRON).password == "from file"
    secret.chmod(0o644)
    if os.name == "posix":
        with pytest.raises(ConfigError, match="can be read by others"):
            read_account(path, ENVIRON)


@pytest.mark.parametrize("text", ["", "- a\n", "a: [\n"])
def test_a_file_that_is_no_configuration(tmp_path: Path, text: str) -> None:
    """Empty, a list, or broken YAML."""
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError):
        read_account(path, {})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """With the option that names another."""
    with pytest.raises(ConfigError, match=r"no such configuration file\. Name your site's with -c"):
        read_account(tmp_path / "nix.yaml", {})


def test_an_account_shows_no_secret() -> None:
    """Not in logs, not in tracebacks."""
    account = Account("u", "o", "n", "hunter2", "seed", None, None, "UTC", ())
    assert "hunter2" not in repr(account)
    assert "seed" not in repr(account)


ALONE = {"KACE_URL": "https://k.example.org", "KACE_USERNAME": "bkim", "KACE_PASSWORD": "x"}


def test_the_environment_alone_is_an_account(tmp_path: Path) -> None:
    """For who only looks: no rules file is needed."""
    account = environment_account({**ALONE, "KACE_TIMEZONE": "Europe/Vienna"}, tmp_path)
    assert (account.url, account.username) == ("https://k.example.org", "bkim")
    assert (account.timezone, account.queues) == ("Europe/Vienna", ())


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        pytest.param({"KACE_URL": "https://k.example.org"}, "KACE_USERNAME", id="no user"),
        pytest.param({**ALONE, "KACE_TIMEZONE": "Wien"}, "'Wien' is not a time zone", id="zone"),
    ],
)
def test_what_the_environment_lacks_is_named(
    tmp_path: Path, environ: dict[str, str], said: str
) -> None:
    """With the variable."""
    with pytest.raises(ConfigError, match=said):
        environment_account(environ, tmp_path)


@pytest.mark.parametrize(
    ("target", "zone"),
    [("/usr/share/zoneinfo/Europe/Vienna", "Europe/Vienna"), ("/etc/nowhere", "UTC")],
)
def test_the_machine_names_its_zone(tmp_path: Path, target: str, zone: str) -> None:
    """By the link that systems keep; UTC where there is none."""
    link = tmp_path / "localtime"
    link.symlink_to(target)
    assert machine_zone(link) == zone
