"""The plot: the incident process from submission to re-opening, over one week-end.

Friday 6 March 2026, 15:00, to Wednesday 11 March, New York time; the clocks go forward on the
Sunday in between. Working time is 08:00-12:00 and 13:00-17:00, Monday to Friday.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kace_bridge.demo.stage import Stage, Step
from kace_bridge.demo.telling import Teller

START = "2026-03-06 14:55:00"


@dataclass(slots=True)
class Cast:
    """The tickets of the story, by what happens to them."""

    network: int = 0
    phone: int = 0
    waiting: int = 0
    silent: int = 0

    @property
    def numbers(self) -> frozenset[int]:
        """All four."""
        return frozenset((self.network, self.phone, self.waiting, self.silent))


@dataclass(slots=True)
class Ending:
    """What came of it; ``broken`` lists promises that were not kept (it should be empty)."""

    tickets: int = 0
    runs: int = 0
    effects: int = 0
    messages: int = 0
    escalations: int = 0
    reopened: int = 0
    broken: list[str] = field(default_factory=list)


def play(stage: Stage, teller: Teller) -> Ending:
    """Play every scene and check at the end that each promise was kept."""
    cast = Cast()
    _learn(stage, teller)
    _submission(stage, teller, cast)
    _assessment(stage, teller, cast)
    _weekend(stage, teller, cast)
    _escalation(stage, teller, cast)
    _reminder(stage, teller, cast)
    _resolution(stage, teller, cast)
    _reopening(stage, teller, cast)
    return _ending(stage, cast)


def _learn(stage: Stage, teller: Teller) -> None:
    stage.at(START)
    teller.scene("Fri 6 Mar 14:55", "The bridge meets the desk")
    step = stage.sync()
    teller.plain(
        f"  = first sync: {step.report.pulled} tickets of the past week learnt;"
        " nothing is fired for what is already there"
    )


def _submission(stage: Stage, teller: Teller, cast: Cast) -> None:
    stage.at("2026-03-06 15:00:00")
    teller.scene("Fri 6 Mar 15:00", "1. Submission: by portal, phone and mail")
    cast.network = stage.submit(
        "provost",
        "VPN drops every ten minutes",
        "<p>Since this morning the VPN disconnects me. The wifi is fine.</p>",
        "Network::VPN",
    )
    teller.act(f'Pat Provost opens #{cast.network} on the portal: "VPN drops every ten minutes"')
    cast.phone = stage.submit(
        "bkim", "Projector in Library 204 does not start",
        "<p>Caller says the lamp blinks red.</p>", "Hardware::Classroom",
        via="phone", on_behalf_of=_submitter(stage, 1),
    )  # fmt: skip
    teller.act(f"Brian Kim logs #{cast.phone} for a caller: projector does not start")
    cast.waiting = stage.submit(
        _submitter(stage, 2),
        "Cannot open the shared calendar",
        "<p>It says I have no access.</p>",
        "Software::E-mail",
        via="email",
    )
    teller.act(f"#{cast.waiting} arrives by mail: cannot open the shared calendar")
    cast.silent = stage.submit(
        _submitter(stage, 3),
        "Laptop battery does not charge",
        "<p>The light stays off.</p>",
        "Hardware::Laptop",
    )
    teller.act(f"#{cast.silent} is opened on the portal: laptop battery does not charge")
    teller.step(stage.sync(), cast.numbers)


def _assessment(stage: Stage, teller: Teller, cast: Cast) -> None:
    stage.at("2026-03-06 15:20:00")
    teller.scene("Fri 6 Mar 15:20", "2. Assessment: engineers answer; one call is solved at once")
    owner = _owner(stage, cast.network)
    stage.act(owner, cast.network, comment="I see the drops in the log and look into it.",
              status="Opened")  # fmt: skip
    teller.act(f"{teller.names[owner]} answers #{cast.network}")
    stage.act(
        "bkim", cast.phone, status="Closed", comment="Lamp reset together on the phone.",
        resolution="<p>The lamp was reset: hold the power key for ten seconds.</p>",
    )  # fmt: skip
    teller.act(f"Brian Kim closes #{cast.phone} on the first call")
    owner = _owner(stage, cast.waiting)
    stage.act(owner, cast.waiting, status="Need More Info",
              comment="Whose calendar is it, and since when?")  # fmt: skip
    teller.act(f"{teller.names[owner]} asks for more information on #{cast.waiting}")
    teller.act(f"nobody answers #{cast.silent}")
    teller.step(stage.sync(), cast.numbers)


def _weekend(stage: Stage, teller: Teller, cast: Cast) -> None:
    stage.at("2026-03-08 12:00:00")
    teller.scene("Sun 8 Mar 12:00", "The week-end: clocks stand still, nobody is woken")
    teller.step(stage.sync(), cast.numbers)


def _escalation(stage: Stage, teller: Teller, cast: Cast) -> None:
    stage.at("2026-03-09 10:05:00")
    teller.scene("Mon 9 Mar 10:05", f"3. Escalation: half a business day gone, #{cast.silent}")
    teller.step(stage.sync(), cast.numbers)
    stage.at("2026-03-09 15:05:00")
    teller.scene("Mon 9 Mar 15:05", "One business day without an answer")
    teller.step(stage.sync(), cast.numbers)


def _reminder(stage: Stage, teller: Teller, cast: Cast) -> None:
    stage.at("2026-03-10 15:05:00")
    teller.scene("Tue 10 Mar 15:05", f"Two business days: the lead of #{cast.silent} is told")
    teller.step(stage.sync(), cast.numbers)
    stage.at("2026-03-10 15:30:00")
    teller.scene("Tue 10 Mar 15:30", f"4. Updates: #{cast.waiting} still waits for its submitter")
    teller.step(stage.sync(), cast.numbers)


def _resolution(stage: Stage, teller: Teller, cast: Cast) -> None:
    stage.at("2026-03-11 09:30:00")
    teller.scene("Wed 11 Mar 09:30", "5. Resolution")
    asked = str(stage.ticket(cast.waiting)["submitter"])
    stage.act(asked, cast.waiting, comment="The one of my department, since Friday.",
              via_email=True)  # fmt: skip
    teller.act(f"the submitter of #{cast.waiting} answers by mail")
    owner = _owner(stage, cast.silent)
    stage.act(owner, cast.silent, status="Closed", comment="Battery replaced at the counter.",
              resolution="<p>The battery was worn out and has been replaced.</p>")  # fmt: skip
    teller.act(f"{teller.names[owner]} closes #{cast.silent}")
    teller.step(stage.sync(), cast.numbers)


def _reopening(stage: Stage, teller: Teller, cast: Cast) -> None:
    stage.at("2026-03-11 10:15:00")
    teller.scene("Wed 11 Mar 10:15", f"6. Re-open: #{cast.phone} was not solved after all")
    caller = str(stage.ticket(cast.phone)["submitter"])
    stage.act(caller, cast.phone, status="Reopened",
              comment="It blinks again, and we have an exam at noon.")  # fmt: skip
    teller.act(f'the submitter re-opens #{cast.phone}: "It blinks again, and we have an exam."')
    teller.step(stage.sync(), cast.numbers)
    teller.scene("Wed 11 Mar 10:16", "A minute later: everything has been said")
    stage.at("2026-03-11 10:16:00")
    teller.step(stage.sync(), cast.numbers)


def _ending(stage: Stage, cast: Cast) -> Ending:
    decisions = [decision for step in stage.steps for decision in step.decisions]
    effects = [effect for step in stage.steps for effect in step.effects]
    done = [effect for effect in effects if effect.state == "applied"]
    ending = Ending(
        tickets=len({effect.ticket for effect in done}),
        runs=len(stage.steps),
        effects=sum(effect.kind != "message" for effect in done),
        messages=sum(step.report.sent for step in stage.steps),
        escalations=sum(
            decision.phase == "escalate" and any(e.decision == decision.id for e in done)
            for decision in decisions
        ),
        reopened=_told(stage, cast.phone, "reopened") and 1,
    )
    ending.broken = list(_broken(stage, cast, stage.steps[-1]))
    return ending


def _broken(stage: Stage, cast: Cast, last: Step) -> list[str]:
    """Every promise of the process that this run did not keep."""
    wanted = {
        "each submitter gets one receipt": all(
            _told(stage, number, "receipt") == 1 for number in cast.numbers
        ),
        "each ticket has an owner": all(_owner(stage, number) for number in cast.numbers),
        "the silent ticket goes to Client Service Specialists": (
            _owner(stage, cast.silent) in stage.site.rules.teams["css"].members
        ),
        "its lead is told": _told(stage, cast.silent, "escalated") >= 1,
        "the silent submitter is reminded": _told(stage, cast.waiting, "please-reply") == 1,
        "a closing mail for each closed ticket": (
            _told(stage, cast.phone, "closed") == 1 and _told(stage, cast.silent, "closed") == 1
        ),
        "the engineers are told of the re-opening": _told(stage, cast.phone, "reopened") >= 1,
        "the last sync has nothing to do": last.report.applied + last.report.sent == 0,
        "nothing failed": not any(step.report.failed for step in stage.steps),
    }
    return [promise for promise, kept in wanted.items() if not kept]


def _told(stage: Stage, ticket: int, template: str) -> int:
    """How many messages of one kind were sent about a ticket."""
    return sum(
        effect.ticket == ticket
        and effect.state == "applied"
        and (effect.message or {}).get("template") == template
        for step in stage.steps
        for effect in step.effects
    )


def _owner(stage: Stage, ticket: int) -> str:
    return str(stage.ticket(ticket).get("owner") or "")


def _submitter(stage: Stage, place: int) -> str:
    """An invented submitter: the *place*-th of those who are not staff."""
    staff: Mapping[str, object] = {
        user: team for team in stage.site.rules.teams.values() for user in team.members
    }
    users = [row["user_name"] for row in stage.dump()["users"] if int(row["id"]) > 100]
    return str([user for user in users if user not in staff][place])
