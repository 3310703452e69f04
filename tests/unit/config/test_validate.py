"""What is wrong with data, in plain words, on the line where it stands."""

from datetime import date, timedelta
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    SecretStr,
    TypeAdapter,
    field_validator,
    model_validator,
)

from kace_bridge.config.validate import validate
from kace_bridge.config.yaml_source import read_text


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class SetField(Strict):
    do: Literal["set"]
    field: str
    to: str | int


class Notify(Strict):
    do: Literal["notify"]
    to: tuple[str, ...]
    template: Literal["nudge", "closed"] = "nudge"


class Smtp(Strict):
    host: str
    login: SecretStr = SecretStr("")
    token: str = ""


class Person(Strict):
    user: str
    phone: str = ""


class Crew(Strict):
    team: str
    calendar: str = ""


class Condition(Strict):
    equals: str = ""
    contains: str = ""
    under: str = ""


def as_shouted(value: Any) -> str:
    return str(value).upper()


class Settings(Strict):
    mode: Literal["off", "shadow", "enforce"] = "off"
    colour: Colour = Colour.RED
    members: tuple[str, ...] = ()
    limit: int = Field(default=1, gt=0)
    ratio: float = 0.5
    active: bool = True
    name: str = Field(default="x", min_length=1)
    start: date = date(2026, 1, 1)
    every: timedelta = timedelta(days=1)
    condition: Condition | None = Field(default=None, alias="if")
    then: tuple[Annotated[SetField | Notify, Field(discriminator="do")], ...] = ()
    smtp: Smtp | None = None
    whom: Person | Crew | str = ""
    many: list[str] | str = ""
    by_level: dict[Literal["High", "Low"], str] = {}
    password: SecretStr | None = None
    code: Literal["a", "b"] | int | None = None
    shouted: Annotated[str, PlainValidator(as_shouted)] = ""

    @field_validator("name")
    @classmethod
    def name_is_known(cls, name: str) -> str:
        if name == "nobody":
            raise ValueError("nobody is called 'nobody'")
        return name

    @field_validator("password")
    @classmethod
    def password_is_long(cls, password: SecretStr | None) -> SecretStr | None:
        if password and len(password.get_secret_value()) < 8:
            raise ValueError(f"'{password.get_secret_value()}' is too short")
        return password

    @model_validator(mode="after")
    def members_need_a_limit(self) -> "Settings":
        if len(self.members) > self.limit:
            raise ValueError("more members than the limit")
        return self


def check(text, model=Settings, **where):
    document, problems = read_text(text, "r.yaml")
    assert problems == []
    return validate(model, document, **where)


def lines(text, model=Settings, **where):
    return [str(problem) for problem in check(text, model, **where)[1]]


def test_good_data_becomes_the_model():
    """Lists fill tuples, text fills dates, durations and enums, and there is no problem."""
    model, problems = check(
        "members: [ann]\nstart: 2026-03-02\nevery: PT4H\ncolour: blue\nif: {equals: x}\n"
        "then: [{do: set, field: a, to: 1}]\nratio: 1\nwhom: {team: desk}\npassword: hunter22\n"
    )
    assert problems == []
    assert model.members == ("ann",)
    assert (model.start, model.every) == (date(2026, 3, 2), timedelta(hours=4))
    assert (model.colour, model.condition.equals) == (Colour.BLUE, "x")
    assert model.then == (SetField(do="set", field="a", to=1),)
    assert model.whom == Crew(team="desk")


@pytest.mark.catalogue("C06")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "if:\n  contians: x",
            "r.yaml:2:3: unknown key 'contians' in 'if'. Did you mean 'contains'?",
            id="an unknown key is named with its map",
        ),
        pytest.param(
            "mood: x",
            "r.yaml:1:1: unknown key 'mood'. Did you mean 'mode'?",
            id="an unknown key of the file itself",
        ),
        pytest.param(
            "if: {zzz: 1}",
            "r.yaml:1:6: unknown key 'zzz' in 'if'. Known: equals, contains, under.",
            id="nothing near, a short list",
        ),
        pytest.param(
            "then:\n- do: notify\n  to: []\n  temlate: nudge",
            "r.yaml:4:3: unknown key 'temlate' in 'then'. Did you mean 'template'?",
            id="hints come from the branch that 'do' chose",
        ),
        pytest.param(
            "then:\n- do: set\n  field: a\n  to: b\n  templ: x",
            "r.yaml:5:3: unknown key 'templ' in 'then'. Known: do, field, to.",
            id="and not from the others",
        ),
        pytest.param("smtp:\n  token: ''", "r.yaml:2:3: 'host' is missing", id="a missing key"),
        pytest.param(
            "members: adiaz",
            "r.yaml:1:10: 'members' must be a list, not text 'adiaz'",
            id="text for a list",
        ),
        pytest.param(
            "members:\n- ann\n- {a: b}",
            "r.yaml:3:3: item 2 of 'members' must be text, not a map of keys",
            id="an item of a list",
        ),
        pytest.param(
            "name: 010",
            "r.yaml:1:7: 'name' must be text, not the number 10. Put it in quotes.",
            id="a number for text",
        ),
        pytest.param(
            "name: true",
            "r.yaml:1:7: 'name' must be text, not true. Put it in quotes.",
            id="a boolean for text",
        ),
        pytest.param(
            'limit: "3"',
            "r.yaml:1:8: 'limit' must be a whole number, not text '3'. Remove the quotes.",
            id="a quoted number",
        ),
        pytest.param(
            "limit: 1.5",
            "r.yaml:1:8: 'limit' must be a whole number, not the number 1.5",
            id="a fraction for a whole number",
        ),
        pytest.param(
            "active: yes",
            "r.yaml:1:9: 'active' must be true or false, not text 'yes'. Write true or false.",
            id="yes for true",
        ),
        pytest.param("members:", "r.yaml:1:9: 'members' must be a list but is empty", id="nothing"),
        pytest.param(
            "if: [a]", "r.yaml:1:5: 'if' must be a map of keys, not a list", id="a list for a map"
        ),
        pytest.param(
            "[a]", "r.yaml:1:1: the file must be a map of keys, not a list", id="the file is a list"
        ),
        pytest.param(
            "mode: enforced",
            "r.yaml:1:7: 'mode' must be one of off, shadow, enforce, not 'enforced'."
            " Did you mean 'enforce'?",
            id="a word that is none of the choices",
        ),
        pytest.param(
            "mode: false",
            "r.yaml:1:7: 'mode' must be one of off, shadow, enforce, not false",
            id="a boolean for a choice",
        ),
        pytest.param(
            "colour: reed",
            "r.yaml:1:9: 'colour' must be one of red, blue, not 'reed'. Did you mean 'red'?",
            id="an enum",
        ),
        pytest.param(
            "start: soon",
            "r.yaml:1:8: 'start' must be a date such as 2026-03-02, not text 'soon'",
            id="no date",
        ),
        pytest.param(
            "every: soon",
            "r.yaml:1:8: 'every' must be a duration, not text 'soon'",
            id="no duration",
        ),
        pytest.param(
            "then: [{do: sett}]",
            "r.yaml:1:8: 'do' must be one of set, notify, not 'sett'. Did you mean 'set'?",
            id="an unknown branch",
        ),
        pytest.param("then: [{to: x}]", "r.yaml:1:8: 'do' is missing", id="no branch"),
        pytest.param(
            "then:\n- do: notify\n  to: [1]",
            "r.yaml:3:8: item 1 of 'to' must be text, not the number 1. Put it in quotes.",
            id="inside a branch",
        ),
        pytest.param(
            "then:\n- {do: set, field: a, to: [b]}",
            "r.yaml:2:27: 'to' must be text or a whole number, not a list",
            id="every kind a union allows",
        ),
        pytest.param(
            "code: c",
            "r.yaml:1:7: 'code' must be one of a, b or a whole number, not 'c'",
            id="choices and a kind",
        ),
        pytest.param(
            "whom: [a]",
            "r.yaml:1:7: 'whom' must be a map of keys or text, not a list",
            id="no branch fits",
        ),
        pytest.param(
            "whom:\n  team: desk\n  calender: office",
            "r.yaml:3:3: unknown key 'calender' in 'whom'. Did you mean 'calendar'?",
            id="only the branch that was meant complains",
        ),
        pytest.param(
            "many:\n- a\n- 1",
            "r.yaml:3:3: item 2 of 'many' must be text, not the number 1. Put it in quotes.",
            id="the branch of the right kind complains",
        ),
        pytest.param("limit: 0", "r.yaml:1:8: 'limit' should be greater than 0", id="out of range"),
        pytest.param("name: ''", "r.yaml:1:7: 'name' must not be empty", id="too short"),
        pytest.param(
            "name: nobody", "r.yaml:1:7: nobody is called 'nobody'", id="a field's own words"
        ),
        pytest.param(
            "smtp:\n  host: x\nmembers: [a, b]",
            "r.yaml:1:1: more members than the limit",
            id="a model's own words",
        ),
        pytest.param(
            "by_level:\n  High: a\n  Hgih: b",
            "r.yaml:3:3: key 'Hgih' must be one of High, Low, not 'Hgih'. Did you mean 'High'?",
            id="a key that is none of the choices",
        ),
        pytest.param(
            "name: [" + "x" * 99 + "]\nmembers: " + "y" * 99,
            "r.yaml:2:10: 'members' must be a list, not text '" + "y" * 37 + "...'",
            id="long values are cut",
        ),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(text, said):
    """Each mistake is one line with its place, what is wrong, and the cure where there is one."""
    assert lines(text)[-1:] == [said]
    assert len(lines(text)) == (2 if "y" * 37 in said else 1)


def test_all_problems_come_at_once_in_the_order_of_the_file():
    """One run lists everything, sorted by line."""
    said = lines("mode: x\nlimit: y\nif:\n  a: b\nsmtp: {}\n")
    assert [line.split(": ")[0] for line in said] == [
        f"r.yaml:{at}" for at in ("1:7", "2:8", "4:3", "5:7")
    ]


@pytest.mark.catalogue("S04")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("password: 12345678", id="the wrong kind"),
        pytest.param("password: hunter2", id="a message that repeats it"),
        pytest.param("password: {env: hunter2}", id="a map below it"),
        pytest.param("smtp: {host: h, login: [hunter2]}", id="a secret by its type"),
        pytest.param("smtp: {host: h, token: [hunter2]}", id="a secret by its name"),
    ],
)
def test_a_secret_is_never_shown(text):
    """No message repeats what stands under a secret key or in a secret field."""
    said = lines(text)
    assert said
    assert "hunter2" not in "".join(said)
    assert "12345678" not in "".join(said)


def test_a_parents_own_words_do_not_leak_a_secret_below():
    """A message about a map is replaced when it repeats a secret inside the map."""

    class Login(Strict):
        user: str
        totp: str

        @model_validator(mode="after")
        def refuse(self) -> "Login":
            raise ValueError(f"{self.user} and {self.totp} do not match")

    text = "login: {user: ann, totp: JBSWY3DP}"
    assert lines(text, TypeAdapter(dict[str, Login])) == [
        "r.yaml:1:8: 'login' is not valid (its value is secret and not shown)"
    ]


def test_a_part_of_the_document_can_be_checked():
    """A part is checked by its path, and places and names are those of the whole file."""
    text = "a: 1\nrules:\n- {equals: x}\n- {equlas: x}\n"
    assert check(text, Condition, at=("rules", 0)) == (Condition(equals="x"), [])
    assert lines(text, Condition, at=("rules", 1)) == [
        "r.yaml:4:4: unknown key 'equlas' in 'rules'. Did you mean 'equals'?"
    ]


def test_changed_data_keeps_the_places_of_what_it_came_from():
    """Data that was rewritten after reading is checked, at the nearest place that exists."""
    document, _ = read_text("a: 1\nif: shorthand\n", "r.yaml")
    _, problems = validate(Condition, document, {"equals": 1, "new": {"deep": 1}}, at=("if",))
    assert [str(problem) for problem in problems] == [
        "r.yaml:2:1: unknown key 'new' in 'if'. Known: equals, contains, under.",
        "r.yaml:2:5: 'equals' must be text, not the number 1. Put it in quotes.",
    ]


def test_a_list_or_a_union_can_be_the_whole():
    """A type adapter is as good as a model, and its branches give hints too."""
    actions = TypeAdapter(list[Annotated[SetField | Notify, Field(discriminator="do")]])
    assert check("- {do: set, field: a, to: b}", actions) == (
        [SetField(do="set", field="a", to="b")],
        [],
    )
    assert lines("- {do: set, feild: a, field: a, to: b}", actions) == [
        "r.yaml:1:13: unknown key 'feild'. Did you mean 'field'?"
    ]


def test_a_branch_named_like_a_key_is_not_taken_for_it():
    """Where a branch's name is also a key of the data, the place is still the right one."""

    class Assign(Strict):
        assign: dict[str, str]
        do: Literal["assign"] = "assign"

    class Ask(Strict):
        do: Literal["ask"] = "ask"

    either = TypeAdapter(list[Annotated[Assign | Ask, Field(discriminator="do")]])
    text = "- do: assign\n  assign:\n    team: 5\n"
    assert lines(text, either) == [
        "r.yaml:3:11: 'team' must be text, not the number 5. Put it in quotes."
    ]


WORDS = st.sampled_from([*Settings.model_fields, "if", "do", "set", "to", "user", "team", "host"])
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | WORDS | st.just("hunter22"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@given(data=st.dictionaries(WORDS, TREES, max_size=6))
@settings(max_examples=150, deadline=None)
def test_any_data_gives_a_model_or_problems_with_places(data):
    """Whatever is written, the answer is a model or problems, each with a place in the file."""
    document, _ = read_text(yaml.safe_dump(data, default_style='"'), "r.yaml")
    model, problems = validate(Settings, document)
    assert (model is None) == bool(problems)
    assert all(problem.place is not None and problem.message for problem in problems)
    assert problems == sorted(set(problems))


def test_not_a_number_and_infinity_reach_the_model():
    """Every scalar the reader knows can be checked."""
    model, problems = check("ratio: .inf")
    assert (model.ratio, problems) == (float("inf"), [])
