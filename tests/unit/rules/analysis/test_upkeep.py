"""Untested rules, past reviews, modes."""

from datetime import date
from pathlib import Path

from kace_bridge.rules.analysis import analyse
from tests.unit.rules.analysis.desk import read_rules

TEXT = """
classify:
  - {id: one, event: created, then: {set: {custom_1: x}}, review_by: 2026-05-01, owner: adiaz}
  - {id: two, event: created, then: {set: {custom_2: x}}, mode: shadow, valid_until: 2026-04-30}
  - {id: three, event: created, then: {set: {custom_3: x}}, mode: "off", review_by: 2026-06-01}
"""


def said(found: list[object]) -> list[str]:
    return [f"{each.severity}: {each.message}" for each in found]  # type: ignore[attr-defined]


def test_rules_that_do_less_than_the_file_says_are_noted(tmp_path: Path) -> None:
    """Shadow and off are notes: nothing has to be put right."""
    assert said(list(analyse(read_rules(tmp_path, TEXT)))) == [
        "note: 'two' is on trial (shadow): it is recorded, and not carried out",
        "note: 'three' is off",
    ]


def test_a_file_in_shadow_is_one_note(tmp_path: Path) -> None:
    """The whole file's mode is said once, not for every rule."""
    text = "\nmode: shadow" + TEXT
    notes = said(list(analyse(read_rules(tmp_path, text))))
    assert notes[0] == "note: mode is shadow: decisions are recorded, nothing is written"
    assert len(notes) == 2


def test_reviews_are_overdue_the_day_after(tmp_path: Path) -> None:
    """The day itself is still in time; a passed 'valid_until' is only noted."""
    rules = read_rules(tmp_path, TEXT)
    assert not any(each.kind == "review" for each in analyse(rules, today=date(2026, 4, 30)))
    found = [each for each in analyse(rules, today=date(2026, 5, 2)) if each.kind == "review"]
    assert [each.message for each in found] == [
        "'one' was to be reviewed by 2026-05-01",
        "'two' has done nothing since 2026-04-30: it was valid until then",
    ]
    assert found[0].fix == "Ask adiaz, and set a new 'review_by' or remove the rule"


def test_rules_without_a_test_are_named(tmp_path: Path) -> None:
    """Only where coverage is given; a rule that is off needs none."""
    rules = read_rules(tmp_path, TEXT)
    assert not any(each.kind == "untested" for each in analyse(rules))
    found = [each for each in analyse(rules, tested={"one"}) if each.kind == "untested"]
    assert [each.rules for each in found] == [("two",)]
