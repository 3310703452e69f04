"""Deterministic routing rules for measuring, as a small tree that every engine is translated from.

::

    {"all": [..]} | {"any": [..]} | {"not": node}
    {"f": path, "op": eq|ne|in|nin|has|re|pre|gt|ge|lt|le, "v": value}
    {"f": path, "op": empty|nonempty}
    {"f": "status", "op": "changed", "v": [from, to]}      (prev_status and status.name)
"""

import random

from benchmarks.workload.tickets import DEPTS, QUEUES, SEED, SITES, STATUSES, SUBS, TOPS, World


def leaf(f, op, v=None):
    d = {"f": f, "op": op}
    if v is not None:
        d["v"] = v
    return d


def make_rules(n, seed=SEED + 2, world=None):
    """*n* rules. The first 50 are the base mix; later ones are mostly narrow (queue + full
    category), 6 % broad, so that R=10/50/200/... are prefixes of one another."""
    world = world or World()
    rng = random.Random(seed)
    qs = list(range(1, QUEUES + 1))

    def queue():
        return rng.choices(qs, cum_weights=world.qcum)[0]

    def cat_of(q):
        return world.by_top[rng.choice(world.queue_tops[q])][
            min(int(rng.expovariate(0.2)), SUBS - 1)
        ]

    def kws(k=5):
        return [world.words[rng.randint(300, 3999)] for _ in range(k)]

    def prios():
        return rng.choice(
            (["High", "Critical"], ["Medium", "High", "Critical"], ["Critical"], ["Low", "Medium"])
        )

    def status():
        return rng.choice(STATUSES[:6])[1]

    def f_queue_status():
        return {
            "all": [
                leaf("hd_queue_id", "eq", queue()),
                leaf("status.name", "in", ["New", status()]),
                leaf("priority.name", "in", prios()),
            ]
        }

    def f_category_unowned():
        return {
            "all": [
                leaf("category.name", "eq", cat_of(queue())),
                leaf("owner", "empty"),
                {"not": leaf("status.state", "eq", "closed")},
            ]
        }

    def f_prefix_keywords():
        top = rng.choice(TOPS)
        return {
            "all": [
                leaf("category.name", "pre", top + "::"),
                leaf("x.title", "has", kws()),
                leaf("impact.name", "ne", "1 person"),
            ]
        }

    def f_headline():
        q = queue()
        return {
            "all": [
                leaf("hd_queue_id", "eq", q),
                {
                    "any": [
                        leaf("x.title", "has", kws()),
                        leaf("category.name", "pre", rng.choice(world.queue_tops[q]) + "::"),
                    ]
                },
                leaf("priority.name", "in", prios()),
                leaf("owner", "empty"),
                leaf(
                    "status",
                    "changed",
                    [
                        rng.choice(("New", "Opened")),
                        rng.choice(("Assigned", "Opened", "Need More Info")),
                    ],
                ),
                leaf("x.biz_min", "gt", 480),
            ]
        }

    def f_text_keywords():
        return {
            "all": [
                leaf("x.text", "has", kws()),
                {"not": leaf("status.name", "in", ["Resolved", "Closed"])},
            ]
        }

    def f_regex():
        w = world.words[rng.randint(20, 110)]
        pat = rng.choice(
            (
                r"\b(?:lt|dt|pr)-\d{4,}\b",
                r"\b10\.\d+\.\d+\.\d+\b",
                rf"\b{w}\w*\s+\w+\s+(?:{world.words[5]}|{world.words[9]})\b",
                rf"^{w}\b.*\b{world.words[rng.randint(0, 40)]}",
            )
        )
        return {"all": [leaf("hd_queue_id", "in", rng.sample(qs, 4)), leaf("x.title", "re", pat)]}

    def f_site():
        return {
            "all": [
                leaf("custom_2", "eq", rng.choice(SITES)),
                leaf("custom_1", "pre", rng.choice(("FIN", "OPS", "ENG", "LEG"))),
                {"not": {"any": [leaf("priority.name", "eq", "Low"), leaf("owner", "nonempty")]}},
                leaf("custom_4", "ge", rng.choice((100, 150, 200))),
            ]
        }

    def f_nested():
        return {
            "any": [
                {
                    "all": [
                        leaf("custom_1", "eq", rng.choice(DEPTS)),
                        leaf("status.state", "eq", "stalled"),
                        leaf("x.idle_min", "gt", rng.choice((1440, 2880))),
                    ]
                },
                {
                    "all": [
                        leaf("custom_3", "nonempty"),
                        leaf("hd_queue_id", "eq", queue()),
                        {
                            "not": {
                                "all": [
                                    leaf("priority.name", "in", ["Low", "Medium"]),
                                    leaf("owner", "nonempty"),
                                ]
                            }
                        },
                    ]
                },
            ]
        }

    def f_aging():
        return {
            "all": [
                leaf("x.age_min", "gt", rng.choice((2880, 5760, 10080))),
                leaf("status.state", "eq", "opened"),
                leaf("priority.name", "in", ["High", "Critical"]),
                leaf("hd_queue_id", "in", rng.sample(qs, 3)),
                leaf("x.idle_min", "ge", 720),
            ]
        }

    mix = (
        [f_queue_status] * 8
        + [f_category_unowned] * 7
        + [f_prefix_keywords] * 8
        + [f_headline] * 5
        + [f_text_keywords] * 7
        + [f_regex] * 4
        + [f_site] * 4
        + [f_nested] * 4
        + [f_aging] * 3
    )
    assert len(mix) == 50
    order = list(mix)
    rng.shuffle(order)
    # the headline shape must be within the first ten
    h = order.index(f_headline)
    if h > 9:
        order[3], order[h] = order[h], order[3]
    rules = [f() for f in order[:n]]
    narrow_extra = (
        lambda: [leaf("x.text", "has", kws())],
        lambda: [leaf("priority.name", "in", prios()), leaf("owner", "empty")],
        lambda: [
            leaf("status.name", "in", ["New", status()]),
            {"not": leaf("custom_2", "eq", rng.choice(SITES))},
        ],
        lambda: [
            {
                "any": [
                    leaf("x.title", "has", kws()),
                    leaf("x.biz_min", "gt", rng.choice((480, 960, 2400))),
                ]
            }
        ],
        lambda: [leaf("x.title", "re", r"\b(?:lt|dt|pr|sv)-\d{3,}\b")],
        lambda: [
            leaf("status", "changed", ["New", rng.choice(("Assigned", "Opened"))]),
            leaf("x.biz_min", "gt", 480),
        ],
    )
    while len(rules) < n:
        if rng.random() < 0.06:
            rules.append(rng.choice(mix)())
        else:
            q = queue()
            rules.append(
                {
                    "all": [
                        leaf("hd_queue_id", "eq", q),
                        leaf("category.name", "eq", cat_of(q)),
                        *rng.choice(narrow_extra)(),
                    ]
                }
            )
    return rules
