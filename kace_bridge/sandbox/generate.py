"""A believable week of a service desk, as data for ``Appliance.load``."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from kace_bridge.sandbox import stock
from kace_bridge.sandbox.clock import STAMP
from kace_bridge.sandbox.fresh import QUEUE_NAME
from kace_bridge.sandbox.stock import Trouble

Row = dict[str, Any]
OPENS, CLOSES = time(8), time(17)
WEEK = timedelta(days=7)
LEAST_PEOPLE, MOST_PEOPLE = 40, 3000
OPENING_STATES = {"Opened", "Reopened"}


def generate(seed: int, tickets: int, now: datetime | str) -> Row:
    """Users, one queue and *tickets* tickets of the seven days before *now*.

    *now* is appliance-local (an aware value is taken as it reads). The same arguments give the
    same data. People work from Monday to Friday, 8 to 17, and nothing happens after *now*.
    """
    end = datetime.fromisoformat(now) if isinstance(now, str) else now
    end = end.replace(tzinfo=None, microsecond=0)
    dice = random.Random(seed)  # noqa: S311 -- repeatable on purpose
    submitters = make_submitters(dice, min(MOST_PEOPLE, LEAST_PEOPLE + tickets // 20))
    troubles = stock.read_troubles()
    moments = make_arrivals(dice, tickets, end)
    rows = [
        Story(dice, number, moment, end, dice.choice(submitters)).tell(dice.choice(troubles))
        for number, moment in enumerate(moments, start=1)
    ]
    return {
        "users": [*make_engineers(), make_jane(), *submitters],
        "queues": [make_queue()],
        "tickets": rows,
    }


def make_engineers() -> list[Row]:
    return [
        {
            "id": 11 + number,
            "user_name": name,
            "full_name": full_name,
            "email": f"{name}@example.org",
            "location": stock.LOCATIONS[number % len(stock.LOCATIONS)],
        }
        for number, (name, full_name, _) in enumerate(stock.ENGINEERS)
    ]


def make_jane() -> Row:
    """The submitter of every example in help and docs; the past week has no ticket of hers."""
    return _person(100, "jdoe", "Jane Doe", "Annex")


def make_submitters(dice: random.Random, count: int) -> list[Row]:
    """People with a place each; the provost is always among them."""
    rows = [_person(101, "provost", "Pat Provost", "Administration")]
    for number in range(count - 1):
        first = stock.FIRST_NAMES[number % len(stock.FIRST_NAMES)]
        last = dice.choice(stock.LAST_NAMES)
        name = f"{first[0]}{last}".lower().replace("'", "") + str(number + 1)
        rows.append(_person(102 + number, name, f"{first} {last}", dice.choice(stock.LOCATIONS)))
    return rows


def _person(key: int, name: str, full_name: str, location: str) -> Row:
    return {
        "id": key,
        "user_name": name,
        "full_name": full_name,
        "email": f"{name}@example.org",
        "location": location,
    }


def make_queue() -> Row:
    return {
        "id": 1,
        "name": QUEUE_NAME,
        "owners": [name for name, _, _ in stock.ENGINEERS],
        "categories": list(stock.CATEGORIES),
        "default_category": "Other",
    }


def make_arrivals(dice: random.Random, count: int, end: datetime) -> list[datetime]:
    """Sorted working moments of the week before *end*; mornings are busier.

    Any seven days hold working ones, so every arrival finds its place.
    """
    days = [end.date() - timedelta(days=back) for back in range(8)]
    working = [day for day in days if day.weekday() < 5]
    found: list[datetime] = []
    while len(found) < count:
        day = dice.choice(working)
        minutes = min(539.0, dice.triangular(0, 540, 120))
        moment = datetime.combine(day, OPENS) + timedelta(seconds=int(minutes * 60))
        if end - WEEK <= moment < end:
            found.append(moment)
    return sorted(found)


def work_after(start: datetime, minutes: float) -> datetime:
    """*minutes* of working time after *start*."""
    left, moment = timedelta(minutes=minutes), start
    while True:
        opens = datetime.combine(moment.date(), OPENS)
        closes = datetime.combine(moment.date(), CLOSES)
        if moment.weekday() < 5 and moment < closes:
            moment = max(moment, opens)
            if moment + left < closes:
                return (moment + left).replace(microsecond=0)
            left -= closes - moment
        moment = opens + timedelta(days=1)


def _team(name: str) -> list[str]:
    return [user for user, _, team in stock.ENGINEERS if team == name]


@dataclass(slots=True)
class Story:
    """One ticket from its creation on, told until *end*."""

    dice: random.Random
    number: int
    moment: datetime
    end: datetime
    submitter: Row
    ticket: Row = field(default_factory=dict)
    changes: list[Row] = field(default_factory=list)
    closed: bool = False

    def tell(self, trouble: Trouble) -> Row:
        self._begin(trouble)
        if self.dice.random() < 0.93:  # the rest is forgotten in New
            self._work_on(trouble)
        self.ticket["modified"] = self.changes[-1]["timestamp"]
        self.ticket["changes"] = self.changes
        return self.ticket

    def _begin(self, trouble: Trouble) -> None:
        dice = self.dice
        created = self.moment.strftime(STAMP)
        words = {"place": self.submitter["location"], "n": dice.randint(2, 48)}
        urgent = self.submitter["user_name"] == "provost" or dice.random() < 0.12
        via = dice.choices(("portal", "email", "phone"), (50, 35, 15))[0]
        self.ticket = {
            "id": self.number,
            "hd_queue_id": 1,
            "title": trouble.title.format(**words),
            "summary": f"<p>{_escape(trouble.summary.format(**words))}</p>",
            "submitter": self.submitter["user_name"],
            "owner": None,
            "status": "New",
            "priority": "High" if urgent else dice.choices(("Medium", "Low"), (85, 15))[0],
            # Mail cannot choose a category, so it starts as the default.
            "category": "Other" if via == "email" else trouble.category,
            "impact": dice.choice(
                ("1 person cannot work", "1 person inconvenienced", "Many people inconvenienced")
            ),
            "created": created,
        }
        author = self.submitter["user_name"] if via != "phone" else dice.choice(_team("desk"))
        self.changes = [{"timestamp": created, "user": author, "via_email": int(via == "email")}]

    def _work_on(self, trouble: Trouble) -> None:
        dice = self.dice
        first = dice.choice(_team("desk") if dice.random() < 0.4 else _team(trouble.team))
        moved = {"owner": first, "status": "Opened"}
        if self.ticket["category"] != trouble.category:
            moved["category"] = trouble.category
        if not self._save(first, self._delay(60), stock.FIRST_ANSWERS, moved):
            return
        if dice.random() < 0.2:
            self._save(self.owner, self._delay(40), stock.STAFF_NOTES, {}, private=True)
        if first not in _team(trouble.team) and dice.random() < 0.8:
            specialist = dice.choice(_team(trouble.team))
            note = (f"Handing over to {trouble.team}.",)
            self._save(first, self._delay(90), note, {"owner": specialist})
        if dice.random() < 0.35 and not self._ask():
            return
        if dice.random() < 0.12:
            waiting = {"status": "Waiting on Third Party"}
            self._save(self.owner, self._delay(120), stock.VENDOR_NOTES, waiting)
            self._save(self.owner, self._delay(700), ("Part arrived.",), {"status": "Opened"})
        elif dice.random() < 0.25:
            self._save(self.owner, self._delay(240), stock.PROGRESS_NOTES, {})
        if dice.random() < 0.88:
            self._close(trouble)

    def _ask(self) -> bool:
        """Ask the submitter; False when the answer never comes."""
        wait = self.dice.choice(("Waiting on Customer", "Need More Info"))
        self._save(self.owner, self._delay(60), stock.QUESTIONS, {"status": wait})
        if self.dice.random() < 0.2:
            return False
        self._save(self.ticket["submitter"], self._delay(200), stock.REPLIES, {}, mailed=True)
        return self._save(self.owner, self._delay(60), ("Thanks.",), {"status": "Opened"})

    def _close(self, trouble: Trouble) -> None:
        text = trouble.resolution.format(place=self.submitter["location"], n=self.number % 40 + 2)
        done = {"status": "Closed", "resolution": f"<p>{_escape(text)}</p>"}
        if not self._save(self.owner, self._delay(300), ("Solved, closing.",), done):
            return
        if self.dice.random() < 0.09:
            again = {"status": "Reopened"}
            back = self._save(self.ticket["submitter"], self._delay(400), stock.REOPEN_NOTES, again)
            if back and self.dice.random() < 0.6:
                closing = {"status": "Closed"}
                self._save(self.owner, self._delay(200), ("Really fixed now.",), closing)

    @property
    def owner(self) -> str:
        return str(self.ticket["owner"])

    def _delay(self, usual_minutes: float) -> float:
        """Mostly near *usual_minutes* of working time, sometimes days."""
        return 2 + self.dice.expovariate(1 / usual_minutes)

    def _save(
        self,
        user: str,
        minutes: float,
        comments: Iterable[str],
        values: Row,
        *,
        private: bool = False,
        mailed: bool = False,
    ) -> bool:
        """One history row after *minutes* of work; False once the story has reached its end."""
        moment = work_after(self.moment, minutes)
        if moment >= self.end:
            self.moment = self.end
            return False
        self.moment = moment
        comment = self.dice.choice(list(comments)).format(n=self.number % 90 + 10)
        changed = {key: [_shown(self.ticket.get(key)), _shown(v)] for key, v in values.items()}
        if "owner" in changed:
            changed["owner"] = [_full_name(name) for name in changed["owner"]]
        self.ticket |= values
        row: Row = {
            "timestamp": moment.strftime(STAMP),
            "user": user,
            "comment": f"<p>{_escape(comment)}</p>",
            "owners_only": int(private),
            "via_email": int(mailed and self.dice.random() < 0.7),
        }
        self.changes.append(row | ({"changed": changed} if changed else {}))
        return True


_FULL_NAMES = {name: full_name for name, full_name, _ in stock.ENGINEERS}


def _full_name(user_name: str) -> str:
    return _FULL_NAMES.get(user_name, "")


def _shown(value: Any) -> str:
    text = str(value or "")
    return text.removeprefix("<p>").removesuffix("</p>")


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
