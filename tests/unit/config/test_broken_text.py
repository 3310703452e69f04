"""Rule files whose text is broken at random: an answer, never a traceback.

KACE_BRIDGE_FUZZ=10000 asks for more examples than the everyday number.
"""

import os
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kace_bridge.config.load import read_site
from kace_bridge.config.problems import Problem
from kace_bridge.config.starter import starter_files

EXAMPLES = int(os.environ.get("KACE_BRIDGE_FUZZ", "100"))
FILES = dict(starter_files())
PIECES = st.one_of(
    st.text(st.sampled_from("ab1 :-?[]{}&*!#|>'\"%@\\\n\r\t,.~<=ué\u2028\ufeff\x00"), max_size=8),
    st.text(max_size=4),
    st.sampled_from(["\n  ", ": ", "- ", "&a ", "*a", "!!int ", "---\n", "<<: ", "{{ x }}", "'"]),
)
EDITS = st.lists(
    st.tuples(st.sampled_from(sorted(FILES)), st.floats(0, 1), st.integers(0, 30), PIECES),
    min_size=1, max_size=3,
)  # fmt: skip


def broken(edits: list[tuple[str, float, int, str]]) -> dict[str, str]:
    """The shipped files, with some characters replaced at a place given as a share of the file."""
    files = dict(FILES)
    for name, share, length, piece in edits:
        text = files[name]
        start = int(share * len(text))
        files[name] = text[:start] + piece + text[start + length :]
    return files


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EDITS)
def test_a_broken_text_is_answered_not_raised(edits: list[tuple[str, float, int, str]]) -> None:
    """Problems in one line each, placed inside the files; a file refused has an error to show."""
    files = broken(edits)
    with tempfile.TemporaryDirectory() as place:
        for name, text in files.items():
            path = Path(place) / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text.encode("utf-8"))
        site, problems = read_site(Path(place) / "rules.yaml", environ={}, secrets=False)
    assert all(isinstance(problem, Problem) for problem in problems)
    assert not any("\n" in str(problem) for problem in problems)
    assert (site is None) is any(problem.severity == "error" for problem in problems)
