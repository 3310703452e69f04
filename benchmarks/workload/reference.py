"""Plain-Python reference: a naive recursive tree walk, written for clarity."""

import re

_re = {}


def get(t, path):
    v = t
    for p in path.split("."):
        v = v[p]
    return v


def ev(n, t):
    if "all" in n:
        return all(ev(c, t) for c in n["all"])
    if "any" in n:
        return any(ev(c, t) for c in n["any"])
    if "not" in n:
        return not ev(n["not"], t)
    op = n["op"]
    if op == "changed":
        a, b = n["v"]
        return t["x"]["prev_status"] == a and t["status"]["name"] == b
    x = get(t, n["f"])
    if op == "empty":
        return x is None or x == ""
    if op == "nonempty":
        return not (x is None or x == "")
    v = n["v"]
    if op == "eq":
        return x == v
    if op == "ne":
        return x != v
    if op == "in":
        return x in v
    if op == "nin":
        return x not in v
    if op == "has":
        return any(k in x for k in v)
    if op == "re":
        r = _re.get(v) or _re.setdefault(v, re.compile(v))
        return r.search(x) is not None
    if op == "pre":
        return x.startswith(v)
    if op == "gt":
        return x > v
    if op == "ge":
        return x >= v
    if op == "lt":
        return x < v
    if op == "le":
        return x <= v
    raise ValueError(op)


def match_all(rules, t):
    return [i for i, r in enumerate(rules) if ev(r, t)]


def match_first(rules, t):
    for i, r in enumerate(rules):
        if ev(r, t):
            return i
    return -1
