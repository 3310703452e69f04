"""Message templates: kind words, no code, no surprises."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from kace_bridge.config.templates import load_templates
from kace_bridge.rules.template import SAMPLE, VARIABLES, TemplateFailed, Templates

BUILT_IN = Templates(load_templates(None))
NUMBERED = tuple(name for name in BUILT_IN.names() if name != "digest")
"""Those about one ticket."""
NOTHING: Mapping[str, object] = {
    "owner": None, "team": None, "level": None, "clock": None, "event": None, "reopened": None,
    "bounced": None, "parent": None,
}  # fmt: skip

# Each would run something, or show something it must not, in a permissive template engine.
INJECTIONS = (
    "{{ 7 * 7 }}", "{{ 7 * '7' }}", "{{ 49 }}{{ 7 + 7 }}", "{{ config }}", "{{ self }}",
    "{{ self.__init__ }}", "{{ ''.__class__ }}", "{{ ''.__class__.__mro__[1] }}",
    "{{ ''['__class__'] }}", "{{ [].__class__.__base__.__subclasses__() }}",
    "{{ ().__class__.__bases__[0] }}", "{{ {}.__class__ }}", "{{ request.application }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}", "{{ lipsum.__globals__ }}",
    "{{ joiner.__init__ }}", "{{ namespace.__init__ }}", "{{ range(10) }}", "{{ dict(a=1) }}",
    "{{ ticket.__class__ }}", "{{ ticket['__class__'] }}", "{{ ticket.title.__class__ }}",
    "{{ ticket.title.format }}", "{{ ticket.title.format(x=1) }}", "{{ ticket.items() }}",
    "{{ ticket.keys }}", "{{ ticket|attr('__class__') }}", "{{ ticket|map('upper') }}",
    "{{ ticket.title|tojson }}", "{{ ticket.title|safe }}", "{{ ticket.title|format }}",
    "{{ 'x'|replace('x', 'y') }}", "{{ ['a']|join }}", "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}", "{% from 'os' import path %}", "{% extends 'receipt' %}",
    "{% macro m() %}x{% endmacro %}", "{% call m() %}{% endcall %}", "{% block b %}{% endblock %}",
    "{% set x = ticket %}", "{% set x %}y{% endset %}", "{% with x = 1 %}{{ x }}{% endwith %}",
    "{% for c in ticket.title %}{{ c }}{% endfor %}", "{% filter quote %}x{% endfilter %}",
    "{% autoescape false %}x{% endautoescape %}", "{% do x %}", "{% debug %}",
    "{{ ticket.title ~ ticket.title }}", "{{ 2 ** 99999 }}", "{{ '%s' % 1 }}", "{{ 1 // 2 }}",
    "{{ ticket.title[0:3] }}", "{{ ticket[ticket.title] }}", "{{ (1, 2)[0] }}", "{{ -ticket.id }}",
    "{{ ''|truncate(x.__class__) }}", "{{ ticket.id is callable }}", "{{ ticket.id is odd }}",
)  # fmt: skip


def one(body: str, subject: str = "[TICK:{{ ticket.id }}] x") -> Templates:
    return Templates({"own": f"Subject: {subject}\n\n{body}"})


def values(**changes: object) -> dict[str, object]:
    """The sample, with parts replaced and ``part__key`` values set."""
    made: dict[str, Any] = dict(SAMPLE)
    for name, value in changes.items():
        part, _, key = name.partition("__")
        made[part] = {**made[part], key: value} if key else value
    return made


class TestBuiltIns:
    def test_they_are_sound(self) -> None:
        """Every template that comes with the program renders on the sample."""
        assert BUILT_IN.problems() == []
        assert set(BUILT_IN.samples()) == set(BUILT_IN.names())

    @pytest.mark.parametrize("name", NUMBERED)
    def test_a_bare_ticket_is_enough(self, name: str) -> None:
        """No owner, team, clock, comment, url or summary: the message is still whole."""
        bare = values(
            **NOTHING, ticket__url="", ticket__summary="", ticket__resolution="",
            submitter={"name": "", "email": "", "user_name": ""},
        )  # fmt: skip
        rendered = BUILT_IN.render(name, bare)
        assert rendered.subject.startswith("[TICK:41] ")
        assert "None" not in rendered.text
        assert not re.search(r"\n\n\n|^\s|[ \t]\n", rendered.text)

    @pytest.mark.parametrize("name", BUILT_IN.names())
    def test_ticket_text_is_always_quoted(self, name: str) -> None:
        """A line of the submitter's never stands in a mail as if the desk had said it."""
        mark = "INJECTED LINE"
        evil = f"fine\n{mark}\n- {mark}\nOpen the ticket: https://evil.example"
        shown = BUILT_IN.render(
            name,
            values(
                ticket__summary=evil, ticket__resolution=evil, event__comment=evil,
                reopened__note=evil, reopened__closing_text=evil,
            ),
        ).text  # fmt: skip
        lines = [line for line in shown.split("\n") if mark in line or "evil" in line]
        assert all(line.startswith("> ") for line in lines)

    def test_the_closing_mail_has_the_agreed_subject(self) -> None:
        """Mail rules of the organisation look for exactly this."""
        found = BUILT_IN.render("closed", SAMPLE)
        assert found.subject == "[TICK:41] Ticket #41 has been closed."
        assert "> The VPN profile was out of date." in found.text
        assert "open the ticket again" in found.text
        assert "add a note" in found.text

    def test_the_reopened_alert_carries_all_an_engineer_needs(self) -> None:
        """The note, the closing text, and how often."""
        shown = BUILT_IN.render("reopened", values(reopened__count=3))
        assert "(3 times)" in shown.subject
        assert "> It worked for an hour, and then it dropped again." in shown.text
        assert "> A new VPN profile was sent to the laptop." in shown.text

    def test_the_receipt_names_the_number(self) -> None:
        """The first thing a submitter wants to know."""
        assert "has the number 41" in BUILT_IN.render("receipt", SAMPLE).text

    def test_every_documented_name_is_in_the_sample(self) -> None:
        """The list of names and the sample cannot drift apart."""
        flat = set()
        for name, value in SAMPLE.items():
            keys = {f"{name}.{key}" for key in value} if isinstance(value, Mapping) else {name}
            flat |= keys | ({name} if name in VARIABLES else set())
        assert flat == set(VARIABLES)


GERMAN = Templates(load_templates(None, ["de"]), "de")


class TestLanguages:
    def test_the_translations_are_sound(self) -> None:
        """Each renders on the sample, under the same names."""
        assert GERMAN.problems() == []
        assert GERMAN.names() == BUILT_IN.names()

    @pytest.mark.parametrize("name", NUMBERED)
    def test_a_bare_ticket_is_enough_for_them_too(self, name: str) -> None:
        """Like the originals, without owner, clock or comment."""
        bare = values(
            **NOTHING, ticket__url="", ticket__summary="", ticket__resolution="",
            submitter={"name": "", "email": "", "user_name": ""}, recipient__language="de",
        )  # fmt: skip
        rendered = GERMAN.render(name, bare)
        assert rendered.subject.startswith("[TICK:41] ")
        greets = name != "closed-with-parent"  # a resolution, not a letter
        assert rendered.text.startswith("Guten Tag Jane Doe,") is greets
        assert not re.search(r"\n\n\n|^\s|[ \t]\n", rendered.text)

    @pytest.mark.parametrize("name", NUMBERED)
    def test_nothing_is_left_out_in_translation(self, name: str) -> None:
        """The same names are used in both."""
        sources = load_templates(None, ["de"])
        used = [set(re.findall(r"[a-z]+\.[a-z_]+", sources[key])) for key in (name, f"de/{name}")]
        assert used[0] - {"desk.name"} == used[1] - {"desk.name"}

    @pytest.mark.parametrize(
        ("language", "greeting", "created"),
        [
            pytest.param("", "Hello", "Created: Monday 2 March 2026, 09:01", id="English"),
            pytest.param("de", "Guten Tag", "Erstellt: Montag, 2. März 2026, 09:01 Uhr",
                         id="German"),
            pytest.param("de-AT", "Guten Tag", "Erstellt: Montag, 2. März 2026, 09:01 Uhr",
                         id="a country without its own"),
            pytest.param("fr", "Hello", "Created: Monday 2 March 2026, 09:01",
                         id="a language without translations"),
        ],
    )  # fmt: skip
    def test_the_readers_language_is_taken(
        self, language: str, greeting: str, created: str
    ) -> None:
        """Else the next that fits; dates are written as the language does."""
        shown = GERMAN.render("assigned", values(recipient__language=language)).text
        assert shown.startswith(greeting)
        assert f"- {created}\n" in shown

    def test_a_language_of_its_own_writes_dates_in_numbers(self) -> None:
        """Nobody is shown a March in English."""
        source = "Subject: [TICK:{{ ticket.id }}] x\n\n{{ ticket.created | date }}"
        templates = Templates({"own": source, "fr/own": source}, "fr")
        shown = templates.render("own", values(recipient__language="fr"))
        assert shown.text == "2026-03-02 09:01\n"

    def test_samples_show_the_sites_language_first(self) -> None:
        """By the plain name; others by theirs."""
        assert GERMAN.samples()["receipt"].text.startswith("Guten Tag")
        both = Templates(load_templates(None, ["de"])).samples()
        assert both["receipt"].text.startswith("Hello")
        assert both["de/receipt"].text.startswith("Guten Tag")

    def test_a_translation_without_original_is_a_problem(self) -> None:
        """Readers of other languages would get nothing."""
        source = "Subject: [TICK:{{ ticket.id }}] x\n\ny"
        (problem,) = Templates({"de/own": source}, "de").problems()
        assert problem == ("de/own", 0, "there is no 'own' for readers of other languages")

    def test_staff_samples_greet_the_engineer(self) -> None:
        """The gallery shows each text to whom it is for."""
        shown = BUILT_IN.samples()
        greeted = {name: words.text.split("\n")[0] for name, words in shown.items()}
        assert {name for name, line in greeted.items() if line == "Hello Bo Kim,"} == {
            "assigned", "bounced", "digest", "escalated", "generic", "nudge", "overdue", "reopened",
        }  # fmt: skip


class TestReference:
    PAGE = (Path(__file__).parents[3] / "docs" / "messages.md").read_text(encoding="utf-8")

    def test_it_lists_every_template(self) -> None:
        """In its table."""
        assert [name for name in BUILT_IN.names() if f"| `{name}` |" not in self.PAGE] == []

    def test_it_lists_every_name_as_the_code_does(self) -> None:
        """The same names with the same words."""
        rows = [f"| `{name}` | {words} |" for name, words in VARIABLES.items()]
        assert [row for row in rows if row not in self.PAGE] == []

    def test_its_example_is_sound(self) -> None:
        """What it shows can be copied."""
        example = self.PAGE.partition("```text\n")[2].partition("```")[0]
        templates = Templates({"example": example})
        assert templates.problems() == []
        assert "See your request: https://" in templates.render("example", SAMPLE).text


class TestHostileText:
    @pytest.mark.catalogue("S10")
    @pytest.mark.parametrize("text", INJECTIONS)
    def test_ticket_text_is_never_evaluated(self, text: str) -> None:
        """What a submitter writes comes out as written, in every place."""
        shown = BUILT_IN.render("generic", values(ticket__title=text, event__comment=text))
        assert f"> {text}" in shown.text
        assert text[:60] in shown.subject

    @pytest.mark.catalogue("S10")
    @pytest.mark.parametrize("source", INJECTIONS)
    def test_a_template_that_computes_is_refused(self, source: str) -> None:
        """Refused before anything runs, with the line, and it cannot be rendered."""
        templates = one(f"fine\n{source}")
        assert next((name, line) for name, line, _ in templates.problems()) == ("own", 4)
        with pytest.raises(TemplateFailed) as caught:
            templates.render("own", SAMPLE)
        assert caught.value.line == 4

    @given(title=st.text(), comment=st.text())
    def test_any_text_renders(self, title: str, comment: str) -> None:
        """No text makes a template fail, and no subject has a second line."""
        shown = BUILT_IN.render("generic", values(ticket__title=title, event__comment=comment))
        assert shown.subject.startswith("[TICK:41]")
        assert len(shown.subject) <= 200
        assert shown.subject.isprintable() or not re.search(r"[\x00-\x1f\x7f-\x9f]", shown.subject)
        shown.text.encode("utf-8")

    @pytest.mark.catalogue("S24")
    @pytest.mark.catalogue("S10")
    @pytest.mark.catalogue("C19")
    def test_fifty_megabytes_come_out_as_64_kib(self) -> None:
        """Output is cut while it streams."""
        shown = one("{{ ticket.summary }}" * 900).render(
            "own", values(ticket__summary="x" * 50_000_000)
        )
        assert len(shown.text) < 66_000
        assert shown.text.endswith("[...]\n")

    def test_markup_is_escaped_in_an_own_html_part(self) -> None:
        """Ticket text never becomes markup, also when it claims to be safe."""
        templates = Templates({"own": "Subject: x\n\ny", "own.html": "<p>{{ ticket.title }}</p>"})
        for title in ("<script>alert(1)</script>", Markup("<script>alert(1)</script>")):
            html = templates.render("own", values(ticket__title=title)).html
            assert html == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"

    @pytest.mark.catalogue("S10")
    def test_objects_are_not_let_in(self) -> None:
        """Only plain data reaches a template, so no attribute can be reached from it."""
        with pytest.raises(TemplateFailed, match=r"is a object, not plain data"):
            BUILT_IN.render("receipt", values(ticket=object()))


class TestProblems:
    @pytest.mark.parametrize(
        ("source", "line", "says"),
        [
            pytest.param("", 1, "first line must be 'Subject", id="empty file"),
            pytest.param("Hello\n\nyou", 1, "first line must be 'Subject", id="no subject"),
            pytest.param("Subject:  \n\nyou", 1, "first line must be", id="empty subject"),
            pytest.param("Subject: x\nyou", 2, "one blank line", id="no blank line"),
            pytest.param("Subject: {{ x\n\ny", 1, "end of template", id="syntax in the subject"),
            pytest.param("Subject: x\n\na\n{% if %}", 4, "Expected", id="syntax in the body"),
            pytest.param("Subject: x\n\n\n{% if owner %}", 4, "innermost block", id="no endif"),
            pytest.param(
                "Subject: x\n\n{{ ticket.titel }}", 3, "Did you mean 'ticket.title'?", id="a typo"
            ),
            pytest.param(
                "Subject: x\n\n{% if level == 99 %}\n{{ tickt.id }}\n{% endif %}", 4,
                "unknown name 'tickt.id'", id="a typo where the sample does not come by",
            ),
            pytest.param("Subject: x\n\n{{ a|qoute }}", 3, "unknown name 'a'", id="two mistakes"),
            pytest.param(
                "Subject: x\n\n{{ ticket.id|qoute }}", 3, "Did you mean 'quote'?", id="filter typo"
            ),
            pytest.param("Subject: x\n\n{{ ticket }}", 3, "a group of values", id="a whole group"),
            pytest.param(
                "Subject: x\n\n{{ ticket.title|date }}", 3, "is not a date", id="no date"
            ),
            pytest.param(
                "Subject: x\n\n{{ ticket.created|date('us') }}", 3, "Known: long, day, time",
                id="unknown date style",
            ),
            pytest.param("Subject: x\n\n{{ ticket.id + 'x' }}", 3, "do not calculate", id="plus"),
            pytest.param("Subject: x\n\nfine", 1, "must begin with '[TICK:", id="no tag"),
            pytest.param("x" * 70_000, 0, "longer than", id="too long"),
            pytest.param("Subject: x\n\n{{ " + "(" * 5000, 0, "cannot be read", id="deep"),
            pytest.param("Subject: x\n\n" + "{% if level %}" * 40, 3, "", id="deep blocks"),
        ],
    )  # fmt: skip
    def test_each_is_said_with_its_line(self, source: str, line: int, says: str) -> None:
        """Name, line of the file, and what is wrong."""
        found = Templates({"own": source}).problems()
        assert any(where == line and says in message for _, where, message in found), found

    def test_all_are_said_at_once(self) -> None:
        """A broken template hides neither its other faults nor other templates."""
        templates = Templates(
            {"a": "Subject: x\n\n{{ b }}\n{{ c }}", "d": "e", "f": "Subject: [TICK:41] x\n\ny"}
        )
        assert [(name, line) for name, line, _ in templates.problems()] == [
            ("a", 3), ("a", 4), ("d", 1),
        ]  # fmt: skip
        assert templates.render("f", SAMPLE).text == "y\n"

    def test_an_html_part_needs_its_text(self) -> None:
        """A mail without a text part is unkind to some readers."""
        found = Templates({"x.html": "<p>"}).problems()
        assert found == [("x.html", 0, "there is no text template 'x'")]

    def test_an_unknown_template_is_named_with_the_known_ones(self) -> None:
        """The message offers the cure."""
        with pytest.raises(TemplateFailed, match=r"template 'x': there is no such.* Known: own"):
            one("y").render("x", SAMPLE)

    @pytest.mark.catalogue("C18")
    def test_a_missing_value_fails_with_its_line(self) -> None:
        """Strict: a hole in the data never becomes a hole in the text."""
        templates = one("a\nb {{ owner.name }}")
        with pytest.raises(TemplateFailed) as caught:
            templates.render("own", values(owner=None))
        assert (caught.value.name, caught.value.line) == ("own", 4)
        assert "nothing is known here to take 'name' from" in caught.value.message


class TestFilters:
    @pytest.mark.parametrize(
        ("body", "shown"),
        [
            pytest.param("{{ ticket.created|date }}", "Monday 2 March 2026, 09:01", id="date"),
            pytest.param("{{ ticket.created|date('day') }}", "Monday 2 March 2026", id="day"),
            pytest.param("{{ ticket.created|date('time') }}", "09:01", id="time"),
            pytest.param("{{ ticket.title|truncate(12) }}", "VPN drops…", id="cut at a blank"),
            pytest.param("{{ ticket.queue|truncate(300) }}", "The K1000 Service Desk", id="fits"),
            pytest.param("{{ ticket.summary|lines(1)|truncate(8) }}", "Since…", id="chain"),
            pytest.param("a{{ level|quote }}", "a> 2", id="a number is text, too"),
            pytest.param("{{ reopened.note|quote }}", "> It worked for an hour, and then it "
                         "dropped again.", id="quote"),
            pytest.param("{% if level is none %}x{% else %}y{% endif %}", "y", id="test"),
            pytest.param("{{ 'a' if level > 1 and not team else 'b' }}", "b", id="choice"),
        ],
    )  # fmt: skip
    def test_each_does_what_it_says(self, body: str, shown: str) -> None:
        """The filters and the few words of logic there are."""
        assert one(body).render("own", SAMPLE).text == shown + "\n"

    def test_quoting_is_cut_at_a_number_of_lines(self) -> None:
        """A long mail does not come back whole."""
        shown = one("{{ ticket.summary|quote(2) }}").render(
            "own", values(ticket__summary="a\n\nb\nc")
        )
        assert shown.text == "> a\n>\n> …\n"

    def test_instants_are_taken_as_dates(self) -> None:
        """An aware datetime may be passed where a date is meant."""
        at = datetime(2026, 3, 2, 9, 1, tzinfo=UTC)
        shown = one("{{ ticket.created|date }}").render("own", values(ticket__created=at))
        assert shown.text == "Monday 2 March 2026, 09:01\n"

    def test_nothing_is_shown_as_nothing(self) -> None:
        """An absent value never reads 'None'."""
        assert (
            one("a{{ level }}{{ level|quote }}b").render("own", values(level=None)).text == "a>b\n"
        )
