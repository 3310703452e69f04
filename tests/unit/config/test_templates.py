"""Template sources: the built-in ones, and a site's own over them."""

from pathlib import Path

import pytest

from kace_bridge.config.templates import load_templates
from kace_bridge.errors import ConfigError

BUILT_IN = {
    "receipt", "assigned", "bounced", "taken", "nudge", "escalated", "overdue", "please-reply",
    "last-reminder", "closed", "closed-no-reply", "reopened", "updated", "need-info", "generic",
    "digest", "parent-updated", "parent-solved", "closed-with-parent",
    "why-reopened",
}  # fmt: skip


def test_every_promised_template_comes_with_the_program() -> None:
    """The starter rules can name any of the documented templates."""
    assert set(load_templates(None)) == BUILT_IN


def test_a_file_of_the_site_replaces_the_built_in_one(tmp_path: Path) -> None:
    """NAME.txt in the folder wins, the others stay."""
    (tmp_path / "receipt.txt").write_text("Subject: ours\n\nHello", encoding="utf-8")
    found = load_templates(tmp_path)
    assert found["receipt"] == "Subject: ours\n\nHello"
    assert set(found) == BUILT_IN


def test_a_site_can_add_templates_and_html_parts(tmp_path: Path) -> None:
    """New names are taken up; NAME.html is kept beside NAME."""
    (tmp_path / "outage.txt").write_text("Subject: x\n\ny", encoding="utf-8")
    (tmp_path / "outage.html").write_text("<p>y</p>", encoding="utf-8")
    found = load_templates(tmp_path)
    assert (found["outage"], found["outage.html"]) == ("Subject: x\n\ny", "<p>y</p>")


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    """A README, a backup or a hidden file is no template."""
    for name in ("README.md", "receipt.txt.bak", ".hidden.txt", "~"):
        (tmp_path / name).write_text("not this", encoding="utf-8")
    assert load_templates(tmp_path) == load_templates(None)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    (tmp_path / "x.txt").write_bytes(b"\xef\xbb\xbfSubject: x\n\ny")
    assert load_templates(tmp_path)["x"].startswith("Subject:")


def test_every_unreadable_file_is_named_at_once(tmp_path: Path) -> None:
    """All problems are reported together, each with its file."""
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "b.txt").write_bytes(b"x" * (1024 * 1024 + 1))
    (tmp_path / "c.txt").mkdir()
    with pytest.raises(ConfigError) as caught:
        load_templates(tmp_path)
    shown = str(caught.value)
    assert [f"{tmp_path / name}.txt:1" in shown for name in "abc"] == [True, True, True]


def test_a_missing_folder_is_said_in_one_line(tmp_path: Path) -> None:
    """The message says what is missing and what to do."""
    with pytest.raises(ConfigError, match=r"cannot be read .*Create it, or leave 'templates' out"):
        load_templates(tmp_path / "nowhere")


class TestLanguages:
    def test_a_translation_comes_along_where_it_is_used(self) -> None:
        """Whole: every template has its German form."""
        found = load_templates(None, ["de"])
        assert {name.removeprefix("de/") for name in found if name.startswith("de/")} == BUILT_IN
        assert set(load_templates(None, ["de-AT"])) == set(found)
        assert set(load_templates(None, ["fr"])) == BUILT_IN

    def test_the_sites_folders_are_laid_over_it(self, tmp_path: Path) -> None:
        """A language of the site's own, and single texts of one that comes along."""
        for name, text in {"de/closed.txt": "ours", "fr/receipt.txt": "à nous"}.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        found = load_templates(tmp_path, ["de", "fr"])
        assert (found["de/closed"], found["fr/receipt"]) == ("ours", "à nous")
        assert found["de/receipt"].startswith("Subject: [TICK:{{ ticket.id }}] Wir haben")
        assert "fr/receipt" not in load_templates(tmp_path, ["de"])

    def test_a_text_of_the_sites_own_replaces_the_translations(self, tmp_path: Path) -> None:
        """Who has written one text for all is not overruled by ours in German."""
        (tmp_path / "closed.txt").write_text("ours", encoding="utf-8")
        found = load_templates(tmp_path, ["de"])
        assert found["closed"] == "ours"
        assert "de/closed" not in found
        assert "de/receipt" in found
