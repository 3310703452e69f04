"""docs/client.md does what it shows."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from kace_bridge.sandbox import Appliance, Settings, serve
from tests.sma.data import DESK

PAGE = Path(__file__).parents[2] / "docs" / "client.md"
EXAMPLE = re.compile(r"^```python\n(.*?)^```\n\n^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_example_prints_what_the_page_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks run in order, in one program, against a sandbox over HTTP."""
    page = PAGE.read_text(encoding="utf-8")
    examples = EXAMPLE.findall(page)
    assert len(examples) == page.count("```python") == 10
    app = Appliance(Settings())
    app.load({**DESK, "machines": [{"id": 77, "name": "HOST-7"}]})
    program: dict[str, object] = {}
    with serve(app) as server:
        monkeypatch.setenv("KACE_URL", server.url)
        monkeypatch.setenv("KACE_USERNAME", server.username)
        monkeypatch.setenv("KACE_PASSWORD", server.password)
        for code, shown in examples:
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(code, str(PAGE), "exec"), program)
            assert printed.getvalue() == shown, code
