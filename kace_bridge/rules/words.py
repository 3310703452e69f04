"""Comparing text the way readers do: in any script, whatever the case or the encoding of accents.

Scripts that put no blanks between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) and Korean,
which joins particles to its words, are searched character by character, so there a keyword is
found inside a longer run.
"""

import unicodedata
from functools import lru_cache

from kace_bridge.model.text import cut_marks

_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1100, 0x11FF),  # Hangul letters
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3040, 0x318F),  # kana, bopomofo, Hangul compatibility letters
    (0x31A0, 0x31FF),
    (0x3400, 0x4DBF),  # ideographs
    (0x4E00, 0x9FFF),
    (0xA960, 0xA97F),
    (0xAC00, 0xD7FF),  # Hangul syllables
    (0xF900, 0xFAFF),
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)


def fold(text: str) -> str:
    """*text* in the one form in which equal words are equal strings (NFKC, case folded).

    Invisible format characters (soft hyphens, joiners, direction marks) are dropped, so they
    cannot hide a word.
    """
    # Only what takes long is remembered: to find and to forget a text costs more than lower().
    return text.lower() if text.isascii() else _fold(text)


@lru_cache(maxsize=256)
def _fold(text: str) -> str:
    hidden = {ord(char): None for char in set(text) if unicodedata.category(char) == "Cf"}
    text = unicodedata.normalize("NFKC", cut_marks(text.translate(hidden)))
    return unicodedata.normalize("NFKC", text.casefold())


def key_of(value: object) -> object:
    """What equal values have in common: a text folded and without blanks around it."""
    return fold(value).strip() if isinstance(value, str) else value


@lru_cache(maxsize=256)
def spell_words(text: str) -> str:
    """The words of *text*, folded, each with one blank before and after it.

    A word is a run of letters, digits, underscores and combining marks; in unspaced scripts every
    character counts as one. So ``spell_words(part) in spell_words(text)`` finds whole words and
    phrases, whatever stands between the words.
    """
    folded = fold(text)
    table = {ord(char): shown for char in set(folded) if (shown := _spaced(char)) != char}
    words = folded.translate(table).split()
    return f" {' '.join(words)} " if words else ""


def has_word(text: str, keyword: str) -> bool:
    """Whether *keyword*, a word or a phrase, stands in *text*. A keyword of no letters does not."""
    wanted = spell_words(keyword)
    return bool(wanted) and wanted in spell_words(text)


def loose_ends(keyword: str) -> str:
    """Characters at either end of *keyword* that are part of no word, such as ``++`` in ``c++``.

    The search by words cannot see them.
    """
    folded = fold(keyword.strip())
    inside = [place for place, char in enumerate(folded) if _spaced(char) != " "]
    if not inside:
        return folded
    return folded[: inside[0]] + folded[inside[-1] + 1 :]


def _spaced(char: str) -> str:
    code = ord(char)
    if code < 0x80:
        return char if char.isalnum() or char == "_" else " "
    if not (char.isalnum() or unicodedata.category(char)[0] == "M"):
        return " "
    if any(first <= code <= last for first, last in _UNSPACED):
        return f" {char} "
    return char
