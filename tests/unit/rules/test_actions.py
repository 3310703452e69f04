"""What each action lowers to, and what it notes when it does nothing."""

import pytest
from pydantic import TypeAdapter, ValidationError

from kace_bridge.model.effect import AddComment, SendMessage, UpdateTicket
from kace_bridge.model.ids import UserName
from kace_bridge.model.people import Person
from kace_bridge.rules.actions.assign import last_owner
from kace_bridge.rules.actions.base import ACTIONS
from kace_bridge.rules.facts import Facts
from tests.unit.rules.rulebook import (
    EVERYBODY,
    MONDAY,
    Asked,
    ask,
    book,
    desk_of,
    event,
    make_ticket,
)

HANDED = event("changed", ("owner", "bkim", "epark"), author="bkim", row=902)
PUT_BACK = event("changed", ("owner", "epark", None), author="epark", row=903)


def act(then: str, **more: object) -> Asked:
    """What one classify rule with that ``then`` comes to."""
    return ask(book(f"classify: [{{id: r, then: {{{then}}}}}]"), **more)  # type: ignore[arg-type]


def notes(asked: Asked) -> list[str]:
    """What the trace of rule r says its actions did, in words."""
    found = asked.decision("r").trace.get("notes", [])
    assert isinstance(found, list)
    return [str(value) for note in found for key, value in note.items() if key in ACTIONS]


class TestAssign:
    @pytest.mark.parametrize(
        ("then", "ticket", "owner"),
        [
            pytest.param("assign: {team: desk}", {}, "adiaz", id="somebody of a team"),
            pytest.param("assign: {to: epark}", {}, "epark", id="a person"),
            pytest.param("assign: {to: bkim}", {"owner": "bkim"}, None, id="who has it already"),
            pytest.param("assign: {to: last_owner}", {"owner": "bkim"}, None, id="present is last"),
            pytest.param("assign: {to: last_owner}", {}, None, id="nobody had it: no change"),
            pytest.param("assign: {to: last_owner, else: {team: css}}", {}, "dlee", id="else"),
        ],
    )
    def test_it_sets_the_owner(self, then: str, ticket: dict[str, object], owner: str) -> None:
        """A person by team, by name or by history; nothing to write where it is so already."""
        values = act(then, ticket=make_ticket(**ticket)).values()
        assert values == ({"owner": owner} if owner else {})

    @pytest.mark.parametrize(
        ("desk", "why"),
        [
            pytest.param({"absent": frozenset({"epark"})}, "epark is away", id="away"),
            pytest.param(
                {"people": {**EVERYBODY, "epark": Person(UserName("epark"), archived=True)}},
                "epark is archived on the appliance", id="archived",
            ),
        ],
    )  # fmt: skip
    def test_a_person_who_cannot_is_not_given_work(self, desk: dict[str, object], why: str) -> None:
        """Without an else the ticket stays as it is, and the trace says why."""
        asked = act("assign: {to: epark}", desk=desk)
        assert (asked.values(), notes(asked)) == ({}, [f"nobody assigned: {why}"])
        other = act("assign: {to: epark, else: {team: desk}}", desk=desk)
        assert other.values() == {"owner": "adiaz"}

    def test_an_empty_team_leaves_the_owner(self) -> None:
        """Nobody present: the reason is noted and nothing set."""
        asked = act("assign: {team: css}", desk={"absent": frozenset({"dlee", "epark"})})
        assert (asked.values(), notes(asked)) == ({}, ["nobody of css is present"])

    def test_the_pick_moves_the_desk_on(self) -> None:
        """Load and turn are counted for the next ticket of the same run."""
        desk = act("assign: {team: css}").found.desk
        assert (desk.loads, desk.turns) == ({"dlee": 1}, {"css": "dlee"})

    @pytest.mark.parametrize(
        ("timeline", "before", "owner"),
        [
            pytest.param((event(), HANDED, PUT_BACK), None, "epark", id="the one who put it back"),
            pytest.param((event(), HANDED), None, "epark", id="the latest in history"),
            pytest.param((event(),), "bkim", "bkim", id="history is short: the ticket before"),
            pytest.param((event(),), None, None, id="there was none"),
        ],
    )
    def test_the_last_owner_comes_from_history(
        self, timeline: tuple[object, ...], before: str | None, owner: str | None
    ) -> None:
        """Where nobody has it now, whoever had it last."""
        rules = book()
        facts = Facts(
            make_ticket(), MONDAY, desk_of(rules), timeline=timeline,  # type: ignore[arg-type]
            before=make_ticket(owner=before) if before else None,
        )  # fmt: skip
        assert last_owner(facts) == owner


class TestSet:
    def test_it_sets_by_name_and_remembers_what_was(self) -> None:
        """The plan holds the values before, so that a later human change is noticed."""
        (effect,) = (
            act("set: {priority: High, custom_3: 7, resolution: null}").decision("r").effects
        )
        assert effect == UpdateTicket(
            make_ticket().id, {"priority": "High", "custom_3": "7"},
            {"priority": "Medium", "custom_3": None},
        )  # fmt: skip

    def test_what_is_so_already_is_not_written(self) -> None:
        """No effect; the note names the fields."""
        asked = act("set: {priority: Medium, category: Hardware}")
        assert asked.decision("r").effects == ()
        assert notes(asked) == ["category, priority: already so"]


class TestComment:
    def test_a_plain_text_is_for_colleagues(self) -> None:
        """The short form is an owners-only comment."""
        (effect,) = act("comment: Seen twice.").decision("r").effects
        assert effect == AddComment(make_ticket().id, "Seen twice.", public=False)

    def test_a_template_may_be_for_everybody(self) -> None:
        """The text of a template, published where asked."""
        (effect,) = act("comment: {template: closed-no-reply, public: true}").decision("r").effects
        assert isinstance(effect, AddComment)
        assert effect.public
        assert "We have closed your request 41" in effect.text


class TestNotify:
    @pytest.mark.parametrize(
        ("to", "ticket", "addresses"),
        [
            pytest.param("submitter", {}, ["jdoe"], id="the submitter"),
            pytest.param("owner", {"owner": "bkim"}, ["bkim"], id="the owner"),
            pytest.param("lead", {"owner": "bkim"}, ["adiaz"], id="the lead of the owner's team"),
            pytest.param("team", {"owner": "epark"}, ["dlee", "epark"], id="everybody in it"),
            pytest.param("network", {}, ["fruiz", "gcho"], id="a team by name"),
            pytest.param("cwong", {}, ["cwong"], id="a person by login name"),
            pytest.param("author", {}, ["jdoe"], id="whoever did it"),
            pytest.param("owner", {}, [], id="nobody owns it"),
            pytest.param("owner, lead, adiaz", {"owner": "adiaz"}, ["adiaz"], id="nobody twice"),
            pytest.param("submitter", {"submitter": {"user_name": "ghost"}}, [], id="no address"),
        ],
    )
    def test_roles_become_people(
        self, to: str, ticket: dict[str, object], addresses: list[str]
    ) -> None:
        """Each person is told once, by address; who cannot be told is noted."""
        asked = act(f"notify: {{to: [{to}]}}", ticket=make_ticket(**ticket))
        assert [address.split("@")[0] for _, address in asked.mails()] == addresses
        assert bool(notes(asked)) is (not addresses)

    def test_the_previous_owner_can_be_told(self) -> None:
        """Who had it before the change that is being judged."""
        asked = act("notify: {to: [previous_owner]}", before=make_ticket(owner="bkim"))
        assert asked.mails() == [("generic", "bkim@example.org")]

    def test_the_team_is_the_one_just_assigned(self) -> None:
        """``assign`` comes first, whatever the order written; team and lead follow it."""
        asked = act("notify: {to: [owner, lead]}, assign: {team: network}")
        assert [to for _, to in asked.mails()] == ["fruiz@example.org", "gcho@example.org"]

    def test_a_team_with_a_mailbox_gets_one_message(self) -> None:
        """The mailbox stands for its members."""
        rules = book("classify: [{id: r, then: {notify: {to: [ops]}}}]", base="""
teams: {ops: {title: Operations, members: [bkim, cwong], email: ops@example.org}}
""")  # fmt: skip
        (effect,) = ask(rules).decision("r").effects
        assert isinstance(effect, SendMessage)
        assert (effect.to, effect.name, effect.role) == ("ops@example.org", "Operations", "ops")

    def test_every_channel_carries_its_own(self) -> None:
        """Several channels mean several messages to the same person."""
        rules = book("""
channels:
  mail: {kind: folder, path: mail}
  late: {kind: folder, path: late}
classify: [{id: r, then: {notify: {to: [submitter], channel: [mail, late], urgent: true}}}]
""")
        sent = [each for each in ask(rules).decision("r").effects if isinstance(each, SendMessage)]
        assert [(each.channel, each.urgent) for each in sent] == [("mail", True), ("late", True)]

    def test_words_are_rendered_when_planned(self) -> None:
        """Subject and text are final, and greet the recipient by name."""
        (effect,) = act("notify: {to: [submitter], template: receipt}").decision("r").effects
        assert isinstance(effect, SendMessage)
        assert effect.subject == "[TICK:41] We have your request: Mouse broken"
        assert effect.text.startswith("Hello Jdoe,")


@pytest.mark.parametrize("verb", sorted(ACTIONS))
class TestEveryAction:
    def test_it_explains_itself(self, verb: str) -> None:
        """The documentation of an action shows an example of it."""
        assert f"{verb}:" in (ACTIONS[verb].__doc__ or "").partition("Example:")[2]

    def test_it_refuses_what_it_does_not_know(self, verb: str) -> None:
        """A key mistyped is an error, not an action that silently does less."""
        with pytest.raises(ValidationError):
            TypeAdapter(ACTIONS[verb]).validate_python({"no_such_key": 1})

    def test_its_example_can_be_read(self, verb: str) -> None:
        """The example in the documentation is accepted as it stands."""
        text = (ACTIONS[verb].__doc__ or "").partition("Example:")[2].strip()
        assert book(f"classify: [{{id: r, then: {{{text}}}}}]").find("r")


@pytest.mark.parametrize(
    "then",
    [
        pytest.param({"team": "desk", "to": "bkim"}, id="assign to both"),
        pytest.param({}, id="assign to neither"),
    ],
)
def test_assign_needs_one_target(then: dict[str, str]) -> None:
    """A team or a person, not both, not none."""
    with pytest.raises(ValidationError, match="either 'team' or 'to'"):
        ACTIONS["assign"].model_validate(then)


@pytest.mark.parametrize("then", [{"text": "a", "template": "closed"}, {}])
def test_comment_needs_one_source(then: dict[str, str]) -> None:
    """A text or a template, not both, not none."""
    with pytest.raises(ValidationError, match="either 'text' or 'template'"):
        ACTIONS["comment"].model_validate(then)
