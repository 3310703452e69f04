"""Channels as configured: references resolved, each kind checked by its own model."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from kace_bridge.config.problems import Problem
from kace_bridge.config.settings import FromEnv, FromFile, Unset, resolve
from kace_bridge.config.validate import validate
from kace_bridge.config.yaml_source import Document
from kace_bridge.notify.channels import Channel, channel_adapter
from kace_bridge.rules.schema import RuleFile

EMBEDDED = {"kind": "folder", "path": "mail"}
"""What mail goes to where nothing is configured: a folder of .eml files, no server needed."""

_STAND_IN = {
    "smtp": "smtp://localhost",
    "url": "https://example.org/",
    "sign": "not-set",
    "service": "json://localhost",
}
"""Used while only checking rules, where the site's secrets are not at hand."""


def build_channels(
    documents: Sequence[tuple[Document, RuleFile | None]],
    *,
    environ: Mapping[str, str],
    folder: Path,
    secrets: bool,
) -> tuple[dict[str, Channel], list[Problem]]:
    """Every channel by name; the embedded mail folder where none is configured."""
    adapter = channel_adapter()
    built: dict[str, Channel] = {}
    problems: list[Problem] = []
    for document, _ in documents:
        data = document.data.get("channels") if isinstance(document.data, dict) else None
        for name, raw in (data if isinstance(data, dict) else {}).items():
            if not isinstance(raw, dict):
                continue
            at = ("channels", name)
            values = {}
            for key, value in raw.items():
                try:
                    values[key] = _value(key, value, environ, folder)
                except Unset as missing:
                    values[key] = _STAND_IN.get(key, "not-set")
                    if secrets:
                        problems.append(Problem(document.place((*at, key)), str(missing)))
            channel, found = validate(adapter, document, values, at)
            problems += found
            if channel is not None:
                built[name] = _placed(channel, folder)
    if not built and not problems:
        built["mail"] = _placed(adapter.validate_python(EMBEDDED), folder)
    return built, problems


def _value(key: str, value: object, environ: Mapping[str, str], folder: Path) -> object:
    del key
    if isinstance(value, dict) and set(value) <= {"env", "default"} and "env" in value:
        return resolve(FromEnv(**value), environ, folder)
    if isinstance(value, dict) and set(value) == {"file"}:
        return resolve(FromFile(**value), environ, folder)
    return value


def _placed(channel: Channel, folder: Path) -> Channel:
    """A folder channel's path is relative to the configuration, wherever the program is run."""
    path = getattr(channel, "path", None)
    if path is None or Path(path).is_absolute():
        return channel
    return channel.model_copy(update={"path": str(folder / path)})
