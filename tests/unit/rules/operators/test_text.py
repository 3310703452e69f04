"""contains, any_word, all_words, starts_with, ends_with, under."""
# ruff: noqa: E501 (in a table, one case is one line)

import pytest

from kace_bridge.rules.words import fold, has_word, loose_ends
from tests.unit.rules.operators.rows import Row
from tests.unit.rules.picture import make_facts, make_ticket, refuse

NO_TITLE = make_facts(make_ticket(title=None))
NOTHING = make_facts(make_ticket(title=None, summary=None))
NO_CATEGORY = make_facts(make_ticket(category=None))
TERSE = make_facts(make_ticket(category={"id": 7}))
NETWORKING = make_facts(make_ticket(category={"name": "Networking"}))

ROWS = [
    Row("a part is found inside a word", "title", "contains", "rop", "yes"),
    Row("case does not matter", "title", "contains", "vPn D", "yes"),
    Row("what is not there is not found", "title", "contains", "printer", "no"),
    Row("one of a list will do", "title", "contains", ["x", "drop"], "yes", detail="matched: drop"),
    Row("an unread title contains nothing known", "title", "contains", "x", "unknown", NO_TITLE),
    Row("markup is not searched", "summary", "contains", "<b>", "no"),
    Row("nothing contains nothing", "category", "contains", "x", "no", NO_CATEGORY),
    Row("a whole word matches, and is named", "text", "any_word", ["wifi", "vpn"], "yes",
        detail="matched: vpn"),
    Row("a part of a word is no word", "text", "any_word", ["drop", "inter"], "no"),
    Row("a phrase matches words in a row", "text", "any_word", "no internet", "yes"),
    Row("words apart are no phrase", "text", "any_word", "vpn internet", "no"),
    Row("a single word needs no list", "title", "any_word", "VPN", "yes"),
    Row("an unread ticket has no known words", "text", "any_word", "vpn", "unknown", NOTHING),
    Row("all words in any order", "text", "all_words", ["internet", "vpn"], "yes"),
    Row("one absent word is named", "text", "all_words", ["vpn", "fax"], "no", detail="absent: fax"),
    Row("all words of an unread ticket are not known", "text", "all_words", "x", "unknown", NOTHING),
    Row("a beginning, whatever the case", "title", "starts_with", "vpn", "yes"),
    Row("the middle is no beginning", "title", "starts_with", "drops", "no"),
    Row("one of several beginnings", "custom_3", "starts_with", ["PC-", "lt-"], "yes"),
    Row("an unread title begins with nothing known", "title", "starts_with", "x", "unknown", NO_TITLE),
    Row("an end, whatever the case", "submitter.email", "ends_with", "@EXAMPLE.org", "yes"),
    Row("another end", "submitter.email", "ends_with", "@exec.example.org", "no"),
    Row("an unread title ends with nothing known", "title", "ends_with", "x", "unknown", NO_TITLE),
    Row("a branch holds what is below it", "category", "under", "network", "yes"),
    Row("a category is under itself", "category", "under", "Network :: VPN", "yes"),
    Row("a parent is not under its child", "category", "under", "Network::VPN::Home", "no"),
    Row("a longer name is another branch", "category", "under", "Network", "no", NETWORKING),
    Row("one of several branches", "category", "under", ["Hardware", "Network"], "yes"),
    Row("no category is under nothing", "category", "under", "Network", "no", NO_CATEGORY),
    Row("a category without its name is not known", "category", "under", "x", "unknown", TERSE),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "keyword", "found"),
    [
        pytest.param("Der Drucker ist kaputt", "drucker", True, id="German, another case"),
        pytest.param("STRASSE", "straße", True, id="sharp s folds to ss"),
        pytest.param("Cafe\u0301 geschlossen", "café", True, id="decomposed accents"),
        pytest.param("cafe", "café", False, id="an accent is not nothing"),
        pytest.param("ΟΔΟΣ", "οδος", True, id="Greek final sigma"),
        pytest.param("ПРИНТЕР не печатает", "принтер", True, id="Cyrillic"),
        pytest.param("принтером", "принтер", False, id="Cyrillic, inside a longer word"),
        pytest.param("الطابعة لا تعمل", "الطابعة", True, id="Arabic"),
        pytest.param("प्रिंटर ख़राब है", "प्रिंटर", True, id="Hindi, vowel signs belong to the word"),
        pytest.param("प्रिंटर", "प्रिं", False, id="Hindi, a part of a word"),
        pytest.param("网络连接失败", "连接", True, id="Chinese, inside a run"),
        pytest.param("网络失败", "连接", False, id="Chinese, not there"),
        pytest.param("VPNに接続できません", "vpn", True, id="Latin word touching Japanese"),
        pytest.param("OpenVPNに接続", "vpn", False, id="Latin word inside a longer Latin word"),
        pytest.param("プリンター", "ﾌﾟﾘﾝﾀｰ", True, id="half-width katakana"),
        pytest.param("อินเทอร์เน็ตช้ามาก", "เน็ต", True, id="Thai, inside a run"),
        pytest.param("ອິນເຕີເນັດຊ້າ", "ເນັດ", True, id="Lao, inside a run"),
        pytest.param("អ៊ីនធឺណិតយឺត", "យឺត", True, id="Khmer, inside a run"),
        pytest.param("네트워크가 느려요", "네트워크", True, id="Korean with a particle"),
        pytest.param("ＶＰＮ", "vpn", True, id="full-width letters"),
        pytest.param("v\u200bp\u00adn is down", "vpn", True, id="hidden characters do not hide"),
        pytest.param("wi-fi", "wi fi", True, id="a hyphen parts words"),
        pytest.param("no\n  Internet!", "no internet", True, id="a phrase over a line break"),
        pytest.param("snake_case", "snake", False, id="an underscore joins"),
        pytest.param("printer2", "printer", False, id="a digit joins"),
        pytest.param("anything", "...", False, id="a keyword without letters is never found"),
        pytest.param("", "x", False, id="nothing is in nothing"),
        pytest.param("a \ud800 b", "b", True, id="a lone surrogate does no harm"),
    ],
)
def test_words_are_found_in_every_script(text: str, keyword: str, found: bool) -> None:
    """A keyword is found as a whole word, or anywhere where words are not parted."""
    assert has_word(text, keyword) is found


def test_a_hostile_pile_of_accents_costs_no_time() -> None:
    """Endless combining marks are cut, because putting them in order takes quadratic time."""
    folded = fold("a" + "\u0301\u0316" * 100_000 + " b")
    assert len(folded) < 40


@pytest.mark.parametrize(
    ("keyword", "ends"),
    [
        pytest.param("vpn", "", id="a word"),
        pytest.param(" wi-fi ", "", id="punctuation inside"),
        pytest.param("c++", "++", id="a sign at the end"),
        pytest.param(".net", ".", id="a sign at the beginning"),
        pytest.param("🔥", "🔥", id="no letter at all"),
    ],
)
def test_signs_at_the_ends_of_a_keyword_are_seen(keyword: str, ends: str) -> None:
    """What the search by words cannot see is named, so that a rule is refused, not wrong."""
    assert loose_ends(keyword) == ends


@pytest.mark.parametrize(
    ("condition", "message", "cure"),
    [
        pytest.param({"text": {"any_word": "c++"}}, "'++' is part of no word", "contains", id="signs"),
        pytest.param({"text": {"any_word": []}}, "the list is empty", "at least one", id="no word"),
        pytest.param({"title": {"contains": 5}}, "expected text, found 5", '"5"', id="a number"),
        pytest.param({"title": {"contains": True}}, "found true", '"true"', id="a boolean"),
        pytest.param({"title": {"contains": " "}}, "found nothing", "empty: true", id="a blank"),
        pytest.param({"title": {"contains": "\u200b"}}, "found nothing", "empty", id="invisible"),
        pytest.param({"title": {"contains": {"a": 1}}}, "found a map", "", id="a map"),
        pytest.param({"created": {"contains": "x"}}, "does not fit created, which is a date", "",
                     id="a date"),
    ],
)  # fmt: skip
def test_what_cannot_be_searched_for_is_refused(condition: object, message: str, cure: str) -> None:
    """A value that could never match as meant is refused with a cure."""
    (issue,) = refuse(condition)
    assert message in issue.message
    assert cure in issue.fix
