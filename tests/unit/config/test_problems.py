"""Problems as an admin reads them."""

import pytest

from kace_bridge.config.problems import Place, Problem, did_you_mean, nearest

HERE = Place("rules/vip.yaml", 9, 5)


def test_a_place_prints_as_editors_accept_it():
    """A place prints file, line and column, and in short form file and line."""
    assert (str(HERE), HERE.short) == ("rules/vip.yaml:9:5", "rules/vip.yaml:9")


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        pytest.param(
            Problem(HERE, "unknown operator 'contians'", "Did you mean 'contains'?"),
            "rules/vip.yaml:9:5: unknown operator 'contians'. Did you mean 'contains'?",
            id="message and fix are two sentences",
        ),
        pytest.param(
            Problem(HERE, "'id' is missing"), "rules/vip.yaml:9:5: 'id' is missing", id="no fix"
        ),
        pytest.param(Problem(None, "no rules"), "no rules", id="no place"),
        pytest.param(Problem(None, "Why?", "Say so."), "Why? Say so.", id="no second full stop"),
        pytest.param(
            Problem(HERE, "rule 'a' has no test", severity="warning"),
            "rules/vip.yaml:9:5: warning: rule 'a' has no test",
            id="a warning says that it is one",
        ),
    ],
)
def test_a_problem_is_one_line(problem, line):
    """A problem prints where, what and the cure on one line."""
    assert str(problem) == line


def test_problems_sort_as_a_file_is_read():
    """Problems without a place come first, then by file, line as a number, and column."""
    places = [Place("b", 1, 1), Place("a", 10, 1), Place("a", 9, 2), None, Place("a", 9, 1)]
    ordered = sorted(Problem(place, "x") for place in places)
    assert [str(problem.place) for problem in ordered] == [
        "None",
        "a:9:1",
        "a:9:2",
        "a:10:1",
        "b:1:1",
    ]


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        pytest.param("contians", ["equals", "contains"], ["contains"], id="letters swapped"),
        pytest.param("HIGH", ["Low", "High"], ["High"], id="case does not count"),
        pytest.param("zebra", ["Low", "High"], [], id="nothing near"),
        pytest.param("x" * 10_000, ["x" * 9_999], [], id="an absurdly long word is not compared"),
        pytest.param("a", [], [], id="nothing known"),
    ],
)
def test_nearest_finds_what_was_meant(word, known, found):
    """The word meant is found in its own spelling, and nothing is invented."""
    assert nearest(word, known) == found


def test_nearest_gives_as_many_as_asked():
    """Several near words come best first."""
    assert nearest("set_owner", ["set_own", "set_owners", "assign"], 2) == ["set_owners", "set_own"]


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        pytest.param("wehn", ["if", "when"], "Did you mean 'when'?", id="a near word is offered"),
        pytest.param("zebra", ["if", "then"], "Known: if, then.", id="a short list is shown whole"),
        pytest.param("zebra", [str(n) for n in range(9)], "", id="a long list is not"),
        pytest.param("zebra", [], "", id="nothing known, nothing said"),
    ],
)
def test_did_you_mean_says_what_helps(word, known, said):
    """The hint is the nearest word, else a short list, else nothing."""
    assert did_you_mean(word, known) == said
