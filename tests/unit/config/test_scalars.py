"""Unquoted words as YAML 1.2 core reads them."""

import math

import pytest

from kace_bridge.config.scalars import LONGEST_NUMBER, resolve, resolve_as

TEXT = [
    "on", "off", "On", "OFF", "yes", "no", "Yes", "NO", "y", "n", "Y", "N",
    "12:30", "17:00", "08:00-12:00", "190:20:30", "1_000", "0b101", "0o8", "0xZZ", "+0x1F",
    "2026-03-02", "2026-03-02T09:00:00Z", "nULL", "tRUE", "=", "-", "+", ".", "..", "1.2.3",
    "1e", "e5", "1bd", "50%", "inf", "nan", "-.nan", "+12 ", "٣", "9" * (LONGEST_NUMBER + 1),
]  # fmt: skip
VALUES = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "0": 0, "-7": -7, "+12": 12, "010": 10, "0o17": 15, "0x1F": 31, "00": 0,
    "3.10": 3.1, "1.": 1.0, ".5": 0.5, "-0.0": 0.0, "1e3": 1000.0, "6.8523015e+5": 685230.15,
    ".inf": math.inf, "-.INF": -math.inf, "+.Inf": math.inf,
}  # fmt: skip


@pytest.mark.catalogue("C03")
@pytest.mark.parametrize("word", TEXT)
def test_it_stays_text(word):
    """Words that YAML 1.1 bends into booleans, minutes, octals or dates stay as written."""
    assert resolve(word) == word


@pytest.mark.parametrize(("word", "value"), VALUES.items())
def test_it_is_a_value(word, value):
    """Null, booleans and numbers of YAML 1.2 core are read, with the right type."""
    assert (type(resolve(word)), resolve(word)) == (type(value), value)


@pytest.mark.parametrize("word", [".nan", ".NaN", ".NAN"])
def test_not_a_number_is_read(word):
    """The three spellings of not-a-number are one."""
    value = resolve(word)
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        pytest.param("str", "010", "010", id="text stays text"),
        pytest.param("str", "", "", id="empty text is not null"),
        pytest.param("int", "5", 5, id="a whole number"),
        pytest.param("float", "5", 5.0, id="a whole number as a fraction"),
        pytest.param("bool", "true", True, id="a boolean"),
        pytest.param("null", "", None, id="null"),
    ],
)
def test_a_tag_is_obeyed(tag, text, value):
    """A standard tag decides the type."""
    assert (type(resolve_as(tag, text)), resolve_as(tag, text)) == (type(value), value)


@pytest.mark.parametrize(
    ("tag", "text"), [("int", "1.5"), ("int", "true"), ("bool", "yes"), ("null", "x")]
)
def test_a_tag_that_does_not_fit_is_refused(tag, text):
    """A value that is not what its tag says is refused without repeating it: it may be secret."""
    with pytest.raises(LookupError) as caught:
        resolve_as(tag, text)
    assert caught.value.args == (f"this cannot be read as !!{tag}",)
