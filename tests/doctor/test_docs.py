"""docs/doctor.md names every check and every fact."""

import re
from pathlib import Path

from tests.doctor.conftest import look
from tests.doctor.test_probe import make_app, probe

PAGE = (Path(__file__).parents[2] / "docs" / "doctor.md").read_text(encoding="utf-8")


def test_the_page_names_every_check(desk):
    """Those of queues and channels stand for all of their kind."""
    named = set(re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE))
    kinds = {check.name.replace("queue 1", "queue N") for check in look(desk)}
    assert {re.sub(r"^channel .*", "channel …", name) for name in kinds} <= named


def test_the_page_names_every_fact():
    """And none that is not measured or named as not measured."""
    rows = dict(re.findall(r"^\| `([UQ]?[\d.]+)` \| .* \|([^|]*)\|$", PAGE, re.MULTILINE))
    reading = {fact.id for fact in probe(make_app(), None).facts}
    writing = {fact.id for fact in probe(make_app()).facts}
    assert set(rows) == writing
    assert {name for name, needs in rows.items() if needs.strip() == "yes"} == writing - reading
