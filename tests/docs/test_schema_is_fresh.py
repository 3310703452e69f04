"""The schema that editors read is the one the code describes."""

from pathlib import Path

from kace_bridge.config.schema_page import PAGE, page

ROOT = Path(__file__).resolve().parents[2]


def test_the_schema_in_docs_is_the_one_the_code_describes() -> None:
    """Write it anew with: python -m kace_bridge.config.schema_page."""
    assert (ROOT / PAGE).read_text(encoding="utf-8") == page()
