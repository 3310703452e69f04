"""The site's settings: strict shapes, references resolved, secrets never written or shown."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from kace_bridge.config.settings import (
    ApplianceSpec,
    FromEnv,
    FromFile,
    SettingsFile,
    Unset,
    hint,
    resolve,
)


class TestResolve:
    def test_a_plain_value_is_itself(self, tmp_path: Path) -> None:
        """Text and nothing pass unchanged."""
        assert resolve("https://sma.example.org", {}, tmp_path) == "https://sma.example.org"
        assert resolve(None, {}, tmp_path) is None

    @pytest.mark.parametrize(
        ("given", "environ", "value"),
        [
            pytest.param(FromEnv(env="X"), {"X": "a"}, "a", id="set"),
            pytest.param(FromEnv(env="X", default="d"), {}, "d", id="not set: the default"),
            pytest.param(FromEnv(env="X", default="d"), {"X": "a"}, "a", id="set beats default"),
            pytest.param(FromEnv(env="X", default="d"), {"X": ""}, "", id="set to nothing is set"),
        ],
    )
    def test_the_environment(
        self, given: FromEnv, environ: dict[str, str], value: str, tmp_path: Path
    ) -> None:
        """A variable, or its default."""
        assert resolve(given, environ, tmp_path) == value

    def test_a_variable_that_is_missing_is_named_with_a_cure(self, tmp_path: Path) -> None:
        """The reason says which one and what to type."""
        with pytest.raises(Unset, match=r"variable KACE_URL is not set.*sandbox serve"):
            resolve(FromEnv(env="KACE_URL"), {}, tmp_path)
        with pytest.raises(Unset, match="export OPS_URL="):
            resolve(FromEnv(env="OPS_URL"), {}, tmp_path)

    def test_a_file_gives_its_first_line(self, tmp_path: Path) -> None:
        """Mounted secrets often end in a newline; more lines are none of it."""
        (tmp_path / "secret").write_text(" pass \nnote\n", encoding="utf-8")
        (tmp_path / "secret").chmod(0o600)
        assert resolve(FromFile(file="secret"), {}, tmp_path) == "pass"

    @pytest.mark.catalogue("S03")
    def test_a_secret_that_others_can_read_is_refused(self, tmp_path: Path) -> None:
        """With the command that puts it right, and without the secret."""
        (tmp_path / "secret").write_text("hunter2", encoding="utf-8")
        (tmp_path / "secret").chmod(0o644)
        with pytest.raises(Unset, match="chmod 600 secret") as refused:
            resolve(FromFile(file="secret"), {}, tmp_path)
        assert "hunter2" not in str(refused.value)

    @pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
    def test_a_file_that_cannot_be_read_is_named(
        self, content: bytes | None, tmp_path: Path
    ) -> None:
        """Missing, empty, or no text."""
        if content is not None:
            (tmp_path / "secret").write_bytes(content)
            (tmp_path / "secret").chmod(0o600)
        with pytest.raises(Unset, match="cannot read secret"):
            resolve(FromFile(file="secret"), {}, tmp_path)


class TestApplianceSpec:
    def test_nothing_need_be_said(self) -> None:
        """The four variables of the environment are the defaults."""
        spec = ApplianceSpec()
        assert (spec.url, spec.password) == (FromEnv(env="KACE_URL"), FromEnv(env="KACE_PASSWORD"))
        assert spec.organization == FromEnv(env="KACE_ORG", default="Default")

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            pytest.param({"password": "hunter2"}, "password", id="a password in the file"),
            pytest.param({"totp": "SEED"}, "totp", id="a seed in the file"),
            pytest.param({"timezone": "Newyork"}, "is not a time zone", id="a zone"),
            pytest.param({"settle": "1bd"}, "is no wait: write 30s", id="a wait in working days"),
            pytest.param({"settle": "soon"}, "is not a duration", id="no duration"),
            pytest.param({"page_size": 0}, "page_size", id="no page"),
            pytest.param({"page_size": "500"}, "page_size", id="text for a number"),
            pytest.param({"pasword": {"env": "X"}}, "pasword", id="a key mistyped"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, data: dict[str, object], said: str) -> None:
        """Strict: nothing is guessed, and a secret in the file is no configuration."""
        with pytest.raises(ValidationError, match=said):
            ApplianceSpec.model_validate(data)


class TestSettingsFile:
    def test_an_empty_file_is_a_site(self) -> None:
        """Everything has a default; it enforces."""
        settings = SettingsFile()
        assert (settings.mode, settings.hands_off, settings.include) == ("enforce", "8bh", [])
        assert settings.limits.changes_per_run == 60

    @pytest.mark.parametrize(
        "data",
        [{"mode": "on"}, {"limits": {"changes_per_run": 0}}, {"hands_off": "soon"}, {"version": 2}],
    )
    def test_values_out_of_range_are_refused(self, data: dict[str, object]) -> None:
        """An unknown mode, no limit at all, no duration, another version."""
        with pytest.raises(ValidationError):
            SettingsFile.model_validate(data)


def test_hints_fit_the_variable() -> None:
    """The appliance's own variables lead to the practice appliance; others are exported."""
    assert "sandbox serve" in hint("KACE_PASSWORD")
    assert hint("SMTP_URL") == "Export it: export SMTP_URL=..."
