"""YAML files to plain data with places; every refusal names its line."""

import tracemalloc

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kace_bridge.config import yaml_source
from kace_bridge.config.nodes import MOST_NODES
from kace_bridge.config.problems import Place
from kace_bridge.config.yaml_source import read_file, read_text

PARSERS = [
    pytest.param(yaml_source._PureParser, id="pure"),
    pytest.param(yaml_source._PARSER, id="fastest"),
]
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=20,
)
YAMLISH = st.text(
    st.sampled_from("ab1 :-?[]{}&*!#|>'\"%@\\\n\r\t,.~<=ué\u2028\ufeff\x00\ud800"), max_size=60
)


def read(text, parser=yaml_source._PARSER):
    document, problems = yaml_source._read(text, "rules.yaml", parser)
    assert problems == [], [str(problem) for problem in problems]
    return document


def lines(text, parser=yaml_source._PARSER):
    """Without the column: where the two parsers notice a mistake differs by some characters."""
    problems = yaml_source._read(text, "r.yaml", parser)[1]
    return [str(each).replace(f"{each.place}:", f"{each.place.short}:", 1) for each in problems]


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    ("text", "data"),
    [
        pytest.param("", {}, id="an empty file is an empty map"),
        pytest.param("# only this\n", {}, id="so is a comment"),
        pytest.param("---\n", {}, id="so is an empty document"),
        pytest.param("a: 1\n...\n", {"a": 1}, id="an end marker is no second document"),
        pytest.param("on: no\nat: 17:00\n", {"on": "no", "at": "17:00"}, id="words stay text"),
        pytest.param(
            "4411: a\nnull: b\n1.0: c\n",
            {"4411": "a", "null": "b", "1.0": "c"},
            id="keys are text as written",
        ),
        pytest.param('"*": 5bd', {"*": "5bd"}, id="a quoted star is a key"),
        pytest.param(
            'a: "010"\nb: \'true\'\nc: ""', {"a": "010", "b": "true", "c": ""}, id="quoted is text"
        ),
        pytest.param("a: |\n  1\n  2\n", {"a": "1\n2\n"}, id="a block of text"),
        pytest.param(
            "a: &x [1, {b: 2}]\nc: *x\nd: &y 5\ne: *y",
            {"a": [1, {"b": 2}], "c": [1, {"b": 2}], "d": 5, "e": 5},
            id="aliases repeat",
        ),
        pytest.param("&k a: 1\nb: *k", {"a": 1, "b": "a"}, id="a key can be repeated"),
        pytest.param("'<<': 1", {"<<": 1}, id="a quoted << is a key"),
        pytest.param(
            "a: !!str 5\nb: !!map {c: !!seq []}", {"a": "5", "b": {"c": []}}, id="standard tags"
        ),
        pytest.param("\ufeffa: 1", {"a": 1}, id="a byte order mark is skipped"),
        pytest.param("a: 1\r\nb:\r\n  - 2\r\n", {"a": 1, "b": [2]}, id="Windows line ends"),
        pytest.param("[1, [], {}]", [1, [], {}], id="the root may be a list"),
        pytest.param("just text", "just text", id="or text"),
        pytest.param("a:\n- b:\n", {"a": [{"b": None}]}, id="nothing written is null"),
    ],
)
def test_it_reads(text, data, parser):
    """What is written comes back as plain data, whichever parser is installed."""
    assert repr(read(text, parser).data) == repr(data)


SAMPLE = """\
# rules
route:
  - id: vip
    if: {all: [{category: x}, {"title": y}]}
  - &second
    id: two
again: *second
"""


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        pytest.param((), (2, 1), (2, 1), id="the root"),
        pytest.param(("route",), (3, 3), (2, 1), id="a list below its key"),
        pytest.param(("route", 0), (3, 5), (3, 5), id="an item has no key of its own"),
        pytest.param(("route", 0, "id"), (3, 9), (3, 5), id="a value on its key's line"),
        pytest.param(("route", 0, "if", "all", 1, "title"), (4, 41), (4, 32), id="deep in braces"),
        pytest.param(("again",), (7, 8), (7, 1), id="an alias stands where it is used"),
        pytest.param(("again", "id"), (6, 9), (6, 5), id="its content where it is written"),
        pytest.param(
            ("route", 0, "nope", "x"), (3, 5), (3, 5), id="unknown below is its nearest ancestor"
        ),
        pytest.param(("route", 9), (3, 3), (2, 1), id="beyond a list's end too"),
    ],
)
def test_every_value_has_a_place(path, value, key, parser):
    """A value and its key are found at the line and column where they stand."""
    document = read(SAMPLE, parser)
    assert document.place(path) == Place("rules.yaml", *value)
    assert document.key_place(path) == Place("rules.yaml", *key)


def test_places_are_a_mapping():
    """Places can be listed from the root on, and know what they do not hold."""
    places = read("a: [1]\nb: {c: 2}").places
    assert list(places) == [(), ("a",), ("a", 0), ("b",), ("b", "c")]
    assert len(places) == 5
    assert places["b", "c"] == Place("rules.yaml", 2, 8)
    assert ("a", 1) not in places
    with pytest.raises(KeyError):
        places["a", "x"]


def test_a_document_does_not_show_its_data():
    """A document may hold a secret, so its repr names only the file."""
    assert repr(read("password: hunter2")) == "Document(file='rules.yaml')"


@pytest.mark.catalogue("S11")
@pytest.mark.catalogue("C02")
@pytest.mark.catalogue("C04")
@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "a: 1\nb: 2\na: 3",
            "r.yaml:3: key 'a' is already on line 1. Remove one of them.",
            id="a key twice",
        ),
        pytest.param(
            '1: x\n"1": y',
            "r.yaml:2: key '1' is already on line 1. Remove one of them.",
            id="a key twice, once quoted",
        ),
        pytest.param(
            "a: &x {b: 1}\nc:\n  <<: *x",
            "r.yaml:3: merge keys ('<<') are not read. "
            "Write the keys out, or give a whole value with '*name'.",
            id="a merge key",
        ),
        pytest.param(
            "a: !secret x",
            "r.yaml:1: tag '!secret' is not read. Remove it, or put the text in quotes.",
            id="a tag of one's own",
        ),
        pytest.param(
            "a: !!python/name:os.system x",
            "r.yaml:1: tag '!!python/name:os.system' is not read. "
            "Remove it, or put the text in quotes.",
            id="a tag that runs code elsewhere",
        ),
        pytest.param(
            "a: !!timestamp 2026-01-01",
            "r.yaml:1: tag '!!timestamp' is not read. Remove it, or put the text in quotes.",
            id="a standard tag outside the core",
        ),
        pytest.param(
            "a: !!map [1]",
            "r.yaml:1: tag '!!map' is not read. Remove it, or put the text in quotes.",
            id="a tag of another kind",
        ),
        pytest.param(
            "a: !!int x",
            "r.yaml:1: this cannot be read as !!int. Remove the tag, or correct the value.",
            id="a tag that does not fit",
        ),
        pytest.param(
            "a: 1\n---\nb: 2",
            "r.yaml:2: a second document starts here. Put it into a file of its own.",
            id="two documents",
        ),
        pytest.param(
            "a: {{ name }}",
            "r.yaml:1: a key must be plain text. Text with braces or brackets needs quotes.",
            id="a template without quotes",
        ),
        pytest.param("? - a\n: b", "r.yaml:1: a key must be plain text", id="a list as key"),
        pytest.param("a: &x 1\n*x : 2", "r.yaml:2: a key must be plain text", id="an alias as key"),
        pytest.param(
            "a: &x 1\nb: &x 2",
            "r.yaml:2: anchor '&x' is already on line 1. Rename one of them.",
            id="an anchor twice",
        ),
        pytest.param(
            "a: &team 1\nb: *taem",
            "r.yaml:2: no '&taem' above for this alias. Did you mean 'team'?",
            id="a mistyped alias",
        ),
        pytest.param(
            "a: *b",
            "r.yaml:1: no '&b' above for this alias. Put text that starts with '*' in quotes.",
            id="an alias of nothing",
        ),
        pytest.param(
            "a: &x\n  b: *x",
            "r.yaml:2: '*x' is inside the value it repeats",
            id="a value inside itself",
        ),
        pytest.param(
            "&x [*x]", "r.yaml:1: '*x' is inside the value it repeats", id="a list inside itself"
        ),
        pytest.param(
            "a:\n\tb: 1", "r.yaml:2: a tab is used as indentation. Use spaces.", id="a tab"
        ),
        pytest.param(
            "a: |\n\tb\n",
            "r.yaml:2: a tab is used as indentation. Use spaces.",
            id="a tab in a block",
        ),
        pytest.param(
            "a: 1\nb: x: y",
            "r.yaml:2: a second ':' on one line. Put the text in quotes.",
            id="a colon in text",
        ),
        pytest.param(
            "a: 1\n b: 2",
            "r.yaml:2: this key does not fit the line above. "
            "Give both the same indentation, or end the line above with ':'.",
            id="a key too far right",
        ),
        pytest.param(
            "a:\n  - b\n c: d",
            "r.yaml:3: this does not fit the lines above. "
            "Check the indentation, and what follows a closing quote or bracket.",
            id="a key between two levels",
        ),
        pytest.param(
            "a: @x",
            "r.yaml:1: text cannot start with '@'. Put the text in quotes.",
            id="an at sign",
        ),
        pytest.param(
            "to: *@exec.example.org",
            "r.yaml:1: text cannot start with '*' or '&' (they mark aliases). "
            "Put the text in quotes.",
            id="an address pattern",
        ),
        pytest.param(
            "a: 1\nb: 'x\nc: 2\n",
            "r.yaml:2: this quote is never closed",
            id="an open quote is named where it opens",
        ),
        pytest.param(
            "a: [1, 2\nb: 3",
            "r.yaml:2: a ',' or ']' is missing in a list in brackets (opened on line 1)",
            id="an open bracket",
        ),
        pytest.param(
            "a: {b: 1, c: 2\nd: 3",
            "r.yaml:2: a ',' or '}' is missing in a map in braces (opened on line 1)",
            id="an open brace",
        ),
        pytest.param(
            "a:\n- [1,\n2\n\n# end\n",
            "r.yaml:2: this bracket is never closed",
            id="a bracket open to the end",
        ),
        pytest.param(
            "a: 1\nb: {c: d\n\n",
            "r.yaml:2: this bracket is never closed",
            id="a brace open to the end",
        ),
        pytest.param(
            "a: 1\nb: [\n",
            "r.yaml:2: a value and a closing bracket are missing at the end",
            id="nothing after a bracket",
        ),
        pytest.param(
            'a: "C:\\queue"',
            "r.yaml:1: unknown escape after '\\' in double quotes. "
            "Use single quotes, or write '\\\\'.",
            id="a Windows path in double quotes",
        ),
        pytest.param(
            "a: b\nc\nd: 1",
            "r.yaml:3: the line above has no ':' after its key",
            id="a key without colon",
        ),
        pytest.param(
            "a: - b",
            "r.yaml:1: a list item cannot start here. Start it on a line of its own.",
            id="a list on its key's line",
        ),
        pytest.param(
            "a: 1\nb: x\x00y",
            "r.yaml:2: invisible character U+0000. "
            "Delete it, or write it as an escape in double quotes.",
            id="NUL",
        ),
        pytest.param(
            "a: x\u2028y",
            "r.yaml:1: invisible character U+2028. "
            "Delete it, or write it as an escape in double quotes.",
            id="a line break no editor shows",
        ),
        pytest.param("a: " + "[" * 5000, "r.yaml:1: nested more than 32 deep", id="5,000 brackets"),
        pytest.param(
            "\n".join(" " * i + "a:" for i in range(5000))[:900_000],
            "r.yaml:33: nested more than 32 deep",
            id="maps without end",
        ),
        pytest.param(
            "- " * 5000 + "x", "r.yaml:1: nested more than 32 deep", id="lists without end"
        ),
        pytest.param(
            "a: '" + "x" * (1 << 20) + "'",
            "r.yaml:1: larger than 1 MiB. Split the file.",
            id="more than 1 MiB",
        ),
    ],
)
def test_it_is_refused_with_place_and_cure(text, said, parser):
    """Whatever is wrong is one line with its place, in the same words for both parsers."""
    assert lines(text, parser) == [said]


def test_all_problems_of_a_file_come_at_once():
    """Problems that leave the rest readable do not hide each other, and the rest is returned."""
    document, problems = read_text("a: 1\na: 2\nb: !x {c: 1, c: 2}\n? [k]\n: v\nd: 4\n", "r.yaml")
    assert [problem.place.line for problem in problems] == [2, 3, 3, 4]
    assert document is not None
    assert document.data == {"a": 1, "b": {"c": 1}, "d": 4}
    assert document.place(("d",)) == Place("r.yaml", 6, 4)


def test_problems_before_a_syntax_error_are_kept():
    """A syntax error ends the reading, not the memory of what came before; there is no document."""
    document, problems = read_text("a: 1\na: 2\nb: 'x\n", "r.yaml")
    assert document is None
    assert [problem.place.line for problem in problems] == [2, 3]


def laughs(levels, width):
    rows = ["l0: &l0 [ha]"]
    rows += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(rows)


@pytest.mark.catalogue("S11")
@pytest.mark.catalogue("C04")
@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(laughs(20, 10), id="a billion laughs"),
        pytest.param(laughs(30, 2), id="doubling"),
        pytest.param("a: &a [" + "x, " * 600 + "]\nb: [" + "*a, " * 600 + "]", id="one wide level"),
    ],
)
def test_more_values_than_the_limit_are_refused_unbuilt(text, parser):
    """A file that unfolds beyond the limit is refused, in little memory."""
    tracemalloc.start()
    said = lines(text, parser)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(said) == 1
    assert "more than 50,000 values in one file, counting every use of an alias" in said[0]
    assert peak < 4_000_000


@pytest.mark.catalogue("S24")
def test_the_limit_holds_without_aliases_too():
    """A file that simply writes too many values is refused."""
    [said] = lines("[" + "x," * MOST_NODES + "]")
    assert said.startswith("r.yaml:1: more than 50,000 values in one file")


@pytest.mark.catalogue("C04")
def test_aliases_count_at_their_full_size_and_no_more():
    """The limit is exact: two values beyond one below it are refused."""
    # The root; a key, its list, 98 items; a key, its list, and 504 times a list of 98.
    text = f"a: &a [{'x, ' * 98}]\nb: [{'*a, ' * 504}]\n"
    assert MOST_NODES - 1 == 1 + 2 + 98 + 2 + 504 * 99
    assert lines(text) == []
    assert lines(text + "c: d\n") != []  # a key and a value


def test_aliases_count_towards_the_depth():
    """Depth put together from aliases is depth."""
    chain = "a: &a " + "[" * 20 + "]" * 20 + "\nb: " + "[" * 11 + "*a" + "]" * 11
    assert lines(chain) == []
    assert lines(chain.replace("b: ", "b: [") + "]") == ["r.yaml:2: '*a' nests more than 32 deep"]


def test_an_alias_is_the_same_object_not_a_copy():
    """A repeated value is shared, so repeating it costs no memory."""
    data = read("a: &x [1]\nb: *x").data
    assert data["a"] is data["b"]


@pytest.mark.parametrize(
    "text",
    ['a: "\\ud800"', 'a: "\\UFFFFFFFF"', 'a: "\\U00110000"', "- !<%FF> a", "%YAML 9.9\n---\n@"],
)
@pytest.mark.parametrize("parser", PARSERS)
def test_what_is_no_character_is_a_problem_for_both_parsers(text, parser):
    """Escapes beyond Unicode are reported, never raised, and never reach the data."""
    assert len(lines(text, parser)) == 1


def test_a_file_is_shown_by_the_name_given(tmp_path):
    """Places carry the name an admin knows the file by."""
    path = tmp_path / "x.yaml"
    path.write_bytes("a: é\n".encode())
    document, problems = read_file(path, "rules/x.yaml")
    assert (document.data, document.file, problems) == ({"a": "é"}, "rules/x.yaml", [])
    assert read_file(path)[0].file == str(path)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        pytest.param(b"a: 1\nb: x\xffy", "f.yaml:2:5 byte 0xff is not UTF-8", id="not UTF-8"),
        pytest.param(b"a: 1\r\n\xc3", "f.yaml:2:1 byte 0xc3 is not UTF-8", id="a cut character"),
        pytest.param("é: 1".encode("latin-1"), "f.yaml:1:1 byte 0xe9 is not UTF-8", id="Latin-1"),
        pytest.param("a: 1".encode("utf-16"), "f.yaml:1:1 this is UTF-16, not UTF-8", id="UTF-16"),
        pytest.param(b"a: " + b"x" * (1 << 20), "f.yaml:1:1 larger than 1 MiB", id="too large"),
        pytest.param(
            "é".encode() * (1 << 20),
            "f.yaml:1:1 larger than 1 MiB",
            id="too large, cut in a character",
        ),
    ],
)
def test_a_file_that_is_not_text_is_a_problem(tmp_path, raw, said):
    """What cannot be decoded is reported with the line where it stops being text."""
    path = tmp_path / "f.yaml"
    path.write_bytes(raw)
    document, [problem] = read_file(path, "f.yaml")
    assert document is None
    assert f"{problem.place} {problem.message}" == said


def test_a_file_that_cannot_be_opened_is_a_problem(tmp_path):
    """A missing file, a directory and an impossible name are reported, not raised."""
    said = [
        read_file(path, "f")[1]
        for path in (tmp_path / "no", tmp_path, tmp_path / "a\0b", tmp_path / ("n" * 999))
    ]
    assert [str(problem) for [problem] in said] == [
        "f:1:1: no such file. Check the path.",
        "f:1:1: this is a directory, not a file",
        "f:1:1: not a file name",
        "f:1:1: cannot be read: File name too long",
    ]


@given(tree=TREES)
@settings(max_examples=150, deadline=None)
def test_what_is_dumped_reads_back(tree):
    """Any tree of text, numbers, booleans and nulls survives writing and reading."""
    text = yaml.safe_dump(tree, default_style='"', sort_keys=False)
    assert repr(read(text).data) == repr(tree)
    pure = read(text, yaml_source._PureParser)
    assert repr(pure.data) == repr(tree)
    assert dict(pure.places) == dict(read(text).places)


@given(text=YAMLISH | st.text(max_size=200))
@settings(max_examples=500, deadline=None)
def test_no_text_raises_and_every_place_is_in_the_file(text):
    """Any text gives a document or problems, and places inside the text, on both parsers."""
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    rows.append("")  # a last line without an end still ends, and a lone '?' has its value there
    for parser in (yaml_source._PARSER, yaml_source._PureParser):
        document, problems = yaml_source._read(text, "r.yaml", parser)
        assert document is not None or problems
        places = [problem.place for problem in problems]
        places += list(document.places.values()) if document else []
        for place in places:
            assert 1 <= place.line <= len(rows)
            assert 1 <= place.column <= len(rows[place.line - 1]) + 1


@given(tree=TREES, style=st.sampled_from(["", "'", '"', "|", ">"]), flow=st.booleans())
@settings(max_examples=150, deadline=None)
def test_both_parsers_agree(tree, style, flow):
    """With and without the C library the same file has the same data, places and problems."""
    text = yaml.safe_dump(
        {"k": tree}, default_style=style, default_flow_style=flow, allow_unicode=True
    )
    fast, slow = (yaml_source._read(text, "r.yaml", each.values[0]) for each in PARSERS)
    assert [str(problem) for problem in fast[1]] == [str(problem) for problem in slow[1]]
    if fast[0] and slow[0]:
        assert repr(fast[0].data) == repr(slow[0].data)
        assert dict(fast[0].places) == dict(slow[0].places)
