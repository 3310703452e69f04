"""What every action owes, held over the registry."""

import pytest
import yaml

from kace_bridge.discover import import_all
from kace_bridge.model.effect import AddComment, SendMessage, UpdateTicket
from kace_bridge.rules import actions
from kace_bridge.rules.actions.base import ACTIONS
from kace_bridge.rules.reference import read_example
from tests.unit.rules.rulebook import ask, book, event, make_ticket

import_all(actions)
VERBS = sorted(ACTIONS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_action_says_what_it_does(verb: str) -> None:
    """Its documentation begins with a sentence."""
    assert (ACTIONS[verb].__doc__ or "").strip().split("\n\n")[0].endswith(".")


@pytest.mark.parametrize("verb", VERBS)
def test_every_example_works(verb: str) -> None:
    """The example in the documentation is read as rules.yaml is, and does something."""
    example = read_example(ACTIONS[verb].__doc__ or "")
    assert list(yaml.safe_load(example)) == [verb]
    rules = book(f"classify: [{{id: r, event: reopened, then: {{{example}}}}}]")
    happened = [event("reopened", row=903)]
    history = [event(), event("changed", ("owner", "bkim", None), row=902), *happened]
    effects = [
        effect
        for owner in ("dlee", None)
        for effect in ask(
            rules, make_ticket(custom_4="4411", owner=owner), happened, timeline=history
        )
        .decision("r")
        .effects
    ]
    assert effects
    assert all(isinstance(each, UpdateTicket | AddComment | SendMessage) for each in effects)


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_is_done_twice(verb: str) -> None:
    """What an example sets is not set again once the ticket reads so."""
    example = read_example(ACTIONS[verb].__doc__ or "")
    rules = book(f"classify: [{{id: r, event: created, then: {{{example}}}}}]")
    first = ask(rules).values()
    again = ask(rules, make_ticket().with_values(first)).values()
    assert again == {}
