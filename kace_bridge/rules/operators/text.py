"""Looking into text: parts, words, phrases, category paths. Never minds the case."""

from collections.abc import Callable

from kace_bridge.rules.operators._registry import Answer, Case, operator
from kace_bridge.rules.operators._values import read_keywords, read_texts
from kace_bridge.rules.verdict import Verdict
from kace_bridge.rules.words import fold, has_word


@operator("contains", expects=(str,), value=read_texts)
def contains(actual: str, expected: tuple[str, ...], case: Case) -> Answer:
    """The text has this somewhere, even inside a word; of a list, any one.

    Example:
        title: {contains: print}
    """
    del case
    return _find_one(expected, lambda part: fold(part) in fold(actual))


@operator("any_word", expects=(str,), value=read_keywords)
def any_word(actual: str, expected: tuple[str, ...], case: Case) -> Answer:
    """One of these stands in the text as whole words; a phrase as words in a row.

    Case and the encoding of accents do not matter; ``wi-fi`` also finds "wi fi". In scripts
    without blanks between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) and in Korean a
    keyword is found anywhere.

    Example:
        text: {any_word: [vpn, wifi, "no internet"]}
    """
    del case
    return _find_one(expected, lambda word: has_word(actual, word))


@operator("all_words", expects=(str,), value=read_keywords)
def all_words(actual: str, expected: tuple[str, ...], case: Case) -> Answer:
    """Every one of these stands in the text as whole words, in any order.

    Example:
        text: {all_words: [printer, paper]}
    """
    del case
    absent = next((word for word in expected if not has_word(actual, word)), None)
    if absent is None:
        return Answer(Verdict.YES, f"matched: {', '.join(expected)}")
    return Answer(Verdict.NO, f"absent: {absent}")


@operator("starts_with", expects=(str,), value=read_texts)
def starts_with(actual: str, expected: tuple[str, ...], case: Case) -> Answer:
    """The text begins with this, or with one of a list.

    Example:
        machine: {starts_with: ["LAB-", "KIOSK-"]}
    """
    del case
    return _find_one(expected, lambda part: fold(actual).startswith(fold(part)))


@operator("ends_with", expects=(str,), value=read_texts)
def ends_with(actual: str, expected: tuple[str, ...], case: Case) -> Answer:
    """The text ends with this, or with one of a list.

    Example:
        submitter.email: {ends_with: "@exec.example.org"}
    """
    del case
    return _find_one(expected, lambda part: fold(actual).rstrip().endswith(fold(part)))


@operator("under", expects=(str,), value=read_texts)
def under(actual: str, expected: tuple[str, ...], case: Case) -> Answer:
    """The category is this one or below it in the tree ``A::B::C``; of a list, any one.

    Example:
        category: {under: "Network::VPN"}
    """
    del case
    steps = _split_path(actual)

    def lies_under(branch: str) -> bool:
        wanted = _split_path(branch)
        return steps[: len(wanted)] == wanted

    return _find_one(expected, lies_under)


def _find_one(parts: tuple[str, ...], matches: Callable[[str], bool]) -> Answer:
    found = next((part for part in parts if matches(part)), None)
    return Answer(Verdict.NO) if found is None else Answer(Verdict.YES, f"matched: {found}")


def _split_path(path: str) -> list[str]:
    return [step.strip() for step in fold(path).split("::")]
