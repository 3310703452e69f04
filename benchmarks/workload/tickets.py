"""Deterministic tickets for measuring rules: a service desk's vocabulary, queues and people.

Tickets are shaped like a list answer of the appliance (nested dicts). No other engine knows
business hours, previous states or case folding; so what is derived is put beforehand under
``ticket["x"]``, and every engine sees the same data.
"""

import random
from datetime import datetime, timedelta

SEED = 20260115
NOW = datetime(2026, 1, 15, 12, 0, 0)  # noqa: DTZ001 -- a wall clock, as the appliance writes it
QUEUES = 40

IT_WORDS = """
vpn password printer laptop outlook monitor network wifi account login reset access folder
email phone license install update error slow crash blue screen dock keyboard mouse badge
teams zoom sharepoint drive backup restore server database certificate expired firewall port
switch cable projector scanner toner paper jam order request approve onboarding offboarding
permission group mailbox shared calendar invite sync mobile tablet android iphone mfa token
locked unlock disk space memory cpu fan battery charger adapter hdmi usb driver bios boot
encryption bitlocker recovery key remote desktop citrix vmware erp sap invoice payroll crm
ticket urgent please help user cannot open file missing deleted spam phishing virus alert
""".split()  # noqa: SIM905 -- a paragraph reads better than a column
SYL = """
ba be bi bo bu da de di do du fa fe ga ge ka ke ki ko la le li lo ma me mi mo na ne ni no pa
pe po ra re ri ro sa se si so ta te ti to va ve vi zo
""".split()  # noqa: SIM905 -- a paragraph reads better than a column

TOPS = [
    "Network",
    "Hardware",
    "Software",
    "Account",
    "Email",
    "Telephony",
    "Printing",
    "Security",
    "Facilities",
    "HR",
    "Finance",
    "Server",
    "Database",
    "Mobile",
    "Training",
]
SUBS = 20
STATUSES = [
    (1, "New", "opened"),
    (2, "Opened", "opened"),
    (3, "Assigned", "opened"),
    (4, "Need More Info", "stalled"),
    (5, "Waiting Vendor", "stalled"),
    (6, "Reopened", "opened"),
    (7, "Resolved", "closed"),
    (8, "Closed", "closed"),
]
PRIOS = [(1, "Low"), (2, "Medium"), (3, "High"), (4, "Critical")]
IMPACTS = [
    (1, "1 person"),
    (2, "Many people inconvenienced"),
    (3, "Many people cannot work"),
    (4, "Department"),
]
SITES = [
    "Berlin",
    "Paris",
    "Oslo",
    "Madrid",
    "Rome",
    "Dublin",
    "Lisbon",
    "Vienna",
    "Zurich",
    "Prague",
]
DEPTS = [f"{d}-{i:02d}" for d in ("FIN", "OPS", "ENG", "MKT", "LEG", "LAB") for i in range(8)]
ASSETS = ["LT", "DT", "PR", "MB", "SV"]


def _vocab(rng):
    words = list(IT_WORDS)
    seen = set(words)
    while len(words) < 4000:
        w = "".join(rng.choice(SYL) for _ in range(rng.choice((2, 3, 3, 4))))
        if w not in seen:
            seen.add(w)
            words.append(w)
    return words


class World:
    """The closed world both generators draw from."""

    def __init__(self, seed=SEED):
        rng = random.Random(seed)
        self.words = _vocab(rng)
        self.cum = []
        s = 0.0
        for i in range(len(self.words)):
            s += 1.0 / (i + 8)
            self.cum.append(s)
        self.qcum = []
        s = 0.0
        for i in range(QUEUES):
            s += 1.0 / (i + 4)
            self.qcum.append(s)
        self.cats = {}
        cid = 0
        for t in TOPS:
            for _k in range(SUBS):
                cid += 1
                self.cats[f"{t}::{self.words[150 + cid].capitalize()}"] = cid
        self.by_top = {t: [c for c in self.cats if c.startswith(t + "::")] for t in TOPS}
        self.queue_tops = {q: rng.sample(TOPS, 4) for q in range(1, QUEUES + 1)}
        self.users = []
        for i in range(3000):
            a, b = rng.choice(self.words[200:]), rng.choice(self.words[200:])
            self.users.append(
                {
                    "id": 1000 + i,
                    "user_name": f"{a}.{b}{i}",
                    "full_name": f"{a.capitalize()} {b.capitalize()}",
                    "email": f"{a}.{b}{i}@example.com",
                }
            )


def business_minutes(start, end, day_from=8 * 60, day_to=17 * 60):
    """Mon-Fri 08:00-17:00, closed form (no day loop, no holidays)."""
    if end <= start:
        return 0
    span = day_to - day_from

    def upto(dt):
        days = dt.toordinal() - 1  # 0 = Monday of year 1
        w, d = divmod(days, 7)
        mins = (w * 5 + min(d, 5)) * span
        if d < 5:
            m = dt.hour * 60 + dt.minute
            mins += min(max(m - day_from, 0), span)
        return mins

    return upto(end) - upto(start)


def make_tickets(n, seed=SEED + 1, world=None):
    world = world or World()
    rng = random.Random(seed)
    words, cum = world.words, world.cum
    out = []
    for i in range(n):
        q = rng.choices(range(1, QUEUES + 1), cum_weights=world.qcum)[0]
        top = rng.choice(world.queue_tops[q])
        cat = world.by_top[top][min(int(rng.expovariate(0.2)), SUBS - 1)]
        st = rng.choices(STATUSES, weights=(14, 22, 24, 8, 6, 4, 7, 15))[0]
        pr = rng.choices(PRIOS, weights=(25, 45, 22, 8))[0]
        im = rng.choices(IMPACTS, weights=(60, 20, 8, 12))[0]
        tw = rng.choices(words, cum_weights=cum, k=rng.randint(4, 9))
        if rng.random() < 0.12:
            tw.insert(rng.randint(0, len(tw)), f"{rng.choice(ASSETS)}-{rng.randint(100, 99999)}")
        if rng.random() < 0.05:
            tw.append(f"10.{rng.randint(0, 255)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}")
        title = " ".join(tw).capitalize()
        sw = rng.choices(words, cum_weights=cum, k=rng.randint(25, 75))
        summary = (
            ". ".join(" ".join(sw[j : j + 12]).capitalize() for j in range(0, len(sw), 12)) + "."
        )
        created = NOW - timedelta(minutes=int(min(rng.expovariate(1 / 9000.0), 80000)) + 3)
        age = int((NOW - created).total_seconds() // 60)
        modified = created + timedelta(minutes=rng.randint(0, age))
        owner = None if rng.random() < 0.35 else world.users[rng.randint(0, 119)]
        prev = (
            rng.choices(STATUSES, weights=(30, 20, 20, 10, 5, 3, 6, 6))[0][1]
            if rng.random() < 0.5
            else st[1]
        )
        t = {
            "id": 100000 + i,
            "title": title,
            "summary": summary,
            "category": {"id": world.cats[cat], "name": cat},
            "status": {"id": st[0], "name": st[1], "state": st[2]},
            "priority": {"id": pr[0], "name": pr[1]},
            "impact": {"id": im[0], "name": im[1]},
            "owner": dict(owner) if owner else None,
            "submitter": dict(world.users[rng.randint(0, 2999)]),
            "hd_queue_id": q,
            "created": created.strftime("%Y-%m-%d %H:%M:%S"),
            "modified": modified.strftime("%Y-%m-%d %H:%M:%S"),
            "custom_1": rng.choice(DEPTS),
            "custom_2": rng.choice(SITES),
            "custom_3": "" if rng.random() < 0.6 else f"CHG{rng.randint(1, 9999999):07d}",
            "custom_4": rng.randint(0, 250),
            "custom_5": "" if rng.random() < 0.8 else rng.choice(words),
        }
        t["x"] = derive(t, prev, created, modified)
        out.append(t)
    return out


def derive(t, prev, created, modified):
    low = t["title"].lower()
    return {
        "title": low,
        "text": low + "\n" + t["summary"].lower(),
        "prev_status": prev,
        "age_min": int((NOW - created).total_seconds() // 60),
        "idle_min": int((NOW - modified).total_seconds() // 60),
        "biz_min": business_minutes(created, NOW),
    }
