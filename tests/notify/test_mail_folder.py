"""Mails as files."""

import os
import stat
from pathlib import Path

import pytest

from kace_bridge.model.message import File
from kace_bridge.notify.deliver import deliver


def test_the_file_is_whole_private_and_alone(tmp_path: Path) -> None:
    """0700 folder, 0600 file, nothing unfinished beside it."""
    folder = tmp_path / "new" / "mail"
    assert deliver(File(str(folder), "a.eml", b"content")).kind == "sent"
    assert [path.name for path in folder.iterdir()] == ["a.eml"]
    assert (folder / "a.eml").read_bytes() == b"content"
    assert stat.S_IMODE((folder / "a.eml").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_repeat_replaces_the_file(tmp_path: Path) -> None:
    """The same message is there once."""
    for content in (b"first", b"second"):
        assert deliver(File(str(tmp_path), "a.eml", content)).kind == "sent"
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"second"]


@pytest.mark.catalogue("S18")
def test_a_link_in_the_way_is_replaced_not_followed(tmp_path: Path) -> None:
    """Nobody can aim our writing at another file."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "a.eml").symlink_to(victim)
    assert deliver(File(str(folder), "a.eml", b"content")).kind == "sent"
    assert victim.read_bytes() == b"precious"


@pytest.mark.catalogue("S18")
@pytest.mark.parametrize("name", ["../a.eml", "/etc/a.eml", "x/a.eml", ".hidden", "", "..", "."])
def test_a_name_is_a_name(tmp_path: Path, name: str) -> None:
    """Never a path."""
    assert deliver(File(str(tmp_path / "mail"), name, b"x")).kind == "dead"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_none_is_tried_later(tmp_path: Path) -> None:
    """With a reason that names it."""
    (tmp_path / "mail").write_bytes(b"")
    outcome = deliver(File(str(tmp_path / "mail"), "a.eml", b"x"))
    assert outcome.kind == "retry"
    assert str(tmp_path / "mail") in outcome.reason


def test_a_target_that_cannot_be_replaced_leaves_nothing_unfinished(tmp_path: Path) -> None:
    """A folder of that name is in the way: said, and cleaned up."""
    (tmp_path / "a.eml").mkdir()
    outcome = deliver(File(str(tmp_path), "a.eml", b"x"))
    assert outcome.kind == "retry"
    assert os.listdir(tmp_path) == ["a.eml"]  # noqa: PTH208 -- names are all that matters
