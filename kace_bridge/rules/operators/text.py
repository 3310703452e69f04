"""Looking into text: parts, words, phrases, category paths. Never minds the case."""

from collections.abc import Callable

from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._registry import Field
from kace_bridge.rules.operators._registry import Answer, Case, Prepared, operator
from kace_bridge.rules.operators._values import read_keywords, read_texts
from kace_bridge.rules.verdict import Verdict
from kace_bridge.rules.words import fold, has_word, spell_words


def _prepare_parts(expected: tuple[str, ...], field: Field) -> Prepared:
    del field
    return _with_parts(expected, fold)


def _prepare_words(expected: tuple[str, ...], field: Field) -> Prepared:
    del field
    return _with_parts(tuple(word for word in expected if spell_words(word)), spell_words)


def _with_parts(expected: tuple[str, ...], spell: Callable[[str], str]) -> Prepared:
    parts = tuple(spell(part) for part in expected)
    answers = [(spell(part), _matched(part)) for part in expected]

    def test(value: str, facts: Facts) -> bool:
        del facts
        text = spell(value)
        for part in parts:  # noqa: SIM110 -- asked often: a generator costs as much as it finds
            if part in text:
                return True
        return False

    def explain(value: str, facts: Facts) -> Answer:
        del facts
        text = spell(value)
        for part, answer in answers:
            if part in text:
                return answer
        return _NO

    return Prepared(test, parts=parts, spell=spell, explain=explain)


def _prepare_all_words(expected: tuple[str, ...], field: Field) -> Prepared:
    del field
    parts = tuple(spell_words(word) for word in expected)
    if not all(parts):
        return Prepared(lambda _value, _facts: False)

    def test(value: str, facts: Facts) -> bool:
        del facts
        text = spell_words(value)
        return all(part in text for part in parts)

    return Prepared(test)


def _prepare_start(expected: tuple[str, ...], field: Field) -> Prepared:
    del field
    return _prepare_edge(expected, lambda value, parts: fold(value).startswith(parts))


def _prepare_end(expected: tuple[str, ...], field: Field) -> Prepared:
    del field
    return _prepare_edge(expected, lambda value, parts: fold(value).rstrip().endswith(parts))


def _prepare_edge(
    expected: tuple[str, ...], at_edge: Callable[[str, tuple[str, ...]], bool]
) -> Prepared:
    parts = tuple(fold(part) for part in expected)
    answers = [((fold(part),), _matched(part)) for part in expected]

    def explain(value: str, facts: Facts) -> Answer:
        del facts
        return next((answer for part, answer in answers if at_edge(value, part)), _NO)

    return Prepared(lambda value, _: at_edge(value, parts), explain=explain)


def _prepare_branch(expected: tuple[str, ...], field: Field) -> Prepared:
    del field
    branches = [_split_path(branch) for branch in expected]

    def test(value: str, facts: Facts) -> bool:
        del facts
        steps = _split_path(value)
        return any(steps[: len(branch)] == branch for branch in branches)

    return Prepared(test)


@operator("contains", expects=(str,), value=read_texts, prepare=_prepare_parts)
def contains(actual: str, expected: tuple[str, ...], case: Case) -> Answer:
    """The text has this somewhere, even inside a word; of a list, any one.

    Example:
        title: {contains: print}
    """
    del case
    return _find_one(expected, lambda part: fold(part) in fold(actual))


@operator("any_word", expects=(str,), value=read_keywords, prepare=_prepare_words)
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


@operator("all_words", expects=(str,), value=read_keywords, prepare=_prepare_all_words)
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


@operator("starts_with", expects=(str,), value=read_texts, prepare=_prepare_start)
def starts_with(actual: str, expected: tuple[str, ...], case: Case) -> Answer:
    """The text begins with this, or with one of a list.

    Example:
        machine: {starts_with: ["LAB-", "KIOSK-"]}
    """
    del case
    return _find_one(expected, lambda part: fold(actual).startswith(fold(part)))


@operator("ends_with", expects=(str,), value=read_texts, prepare=_prepare_end)
def ends_with(actual: str, expected: tuple[str, ...], case: Case) -> Answer:
    """The text ends with this, or with one of a list.

    Example:
        submitter.email: {ends_with: "@exec.example.org"}
    """
    del case
    return _find_one(expected, lambda part: fold(actual).rstrip().endswith(fold(part)))


@operator("under", expects=(str,), value=read_texts, prepare=_prepare_branch)
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
    return _NO if found is None else _matched(found)


def _matched(part: str) -> Answer:
    return Answer(Verdict.YES, f"matched: {part}")


_NO = Answer(Verdict.NO)


def _split_path(path: str) -> list[str]:
    return [step.strip() for step in fold(path).split("::")]
