"""What answering machines say first, and what people say."""

import pytest

from kace_bridge.notify.automatic import looks_automatic


@pytest.mark.parametrize(
    "text",
    [
        "Automatic reply: [TICK:41] We have your request",
        "RE: Auto-Reply: Mouse broken",
        "Auto: Mouse broken",
        "Out of Office: back on Monday",
        "I am currently out of the office until Monday.",
        "I'm away from my office",
        "I am away. I read this on Monday.",
        "I'm away until 9 March",
        "I am currently on annual leave",
        "I am on vacation until the 9th.",
        "We are not in the office today",
        "Ich bin bis zum 9. März nicht im Büro",
        "Ich bin derzeit im Urlaub.",
        "Je suis actuellement absent",
        "AW: Automatische Antwort: Maus",
        "Abwesenheitsnotiz",
        "Réponse automatique : absent",
        "Resposta automática: fora",
        "Undeliverable: [TICK:41] We have your request",
        "[Automatic response] gone",
    ],
)
def test_machines_are_known_by_their_first_words(text: str):
    """In several languages, also behind Re: and in brackets."""
    assert looks_automatic(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Mouse broken",
        "How do I set an automatic reply?",
        "Autocad does not start",
        "Automatic updates fail",
        "Office is out of licences",
        "My out of office message is wrong",
        "Re: [TICK:41] Which room?",
        "I am away with the laptop and it does not start",
        "I am on the second floor",
        "I am not in the list of users",
        "Ich bin im zweiten Stock",
    ],
)
def test_people_are_not(text: str):
    """Speaking of such things is not being one."""
    assert not looks_automatic(text)
