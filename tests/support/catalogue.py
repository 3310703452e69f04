"""The failures and controls every release is held against, one line each.

The rows are those of docs/faults.md; a test says which it covers with
``@pytest.mark.catalogue("A33")``.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
GROUPS = {
    "A": "The appliance",
    "B": "The machine and the store",
    "C": "Rules and configuration",
    "D": "Messages",
    "S": "Security",
}
ROWS: dict[str, str] = {
    "A01": "401 mid-run (session expired)",
    "A02": "403 for one ticket / for a queue",
    "A03": "password wrong, account locked, 2FA now required",
    "A04": "500 on one ticket's GET",
    "A05": "500 on PUT",
    "A06": "HTML from proxy with status 200 (login page, 502 text)",
    "A07": "truncated JSON, wrong length, bad UTF-8, NaN",
    "A08": "empty list though count>0; count falls >50 %",
    "A09": "field missing/null/extra/other type",
    "A10": "200 MB page, 2 MB comment",
    "A11": "slow trickle page",
    "A12": "page drift while paging",
    "A13": "server ignores filter or sort",
    "A14": "ticket deleted mid-run",
    "A15": "ticket merged/archived/read-only",
    "A16": "moved between queues",
    "A17": "status renamed or removed",
    "A18": "owner disabled / not in queue's owner label",
    "A19": "two users with one name/mail",
    "A20": "equal `modified` over page or run boundary",
    "A21": "row visible later than its stamp (long transaction, import back-dated)",
    "A22": "ticket-rule SQL changes a row without `modified`/history",
    "A23": "host's and appliance's clocks an hour apart",
    "A24": "appliance clock jumps ahead and back",
    "A25": "DST back: naive hour repeats",
    "A26": "DST forward / time zone of appliance changed",
    "A27": "restored from backup: ids, change ids, time go back",
    "A28": "id reused after restore",
    "A29": "DNS points to other appliance / other org selected",
    "A30": "upgrade changes headers/fields",
    "A31": "429/503 with Retry-After as seconds, date, 10^9, -1, text",
    "A32": "appliance slow (MySQL load, nightly backup)",
    "A33": "PUT timed out but was applied",
    "A34": "PUT timed out and is applied 60 s later",
    "A35": "200 but field ignored / reverted by a save rule",
    "A36": "fields applied, comment lost (or reverse)",
    "A37": "human edits between GET and PUT",
    "A38": "cert expired / wrong host / private CA unknown",
    "A39": "redirect to other host or http",
    "A40": "connection refused or name unknown, against reset after bytes were sent",
    "A41": "service account loses a queue/role: tickets vanish from lists",
    "B01": "kill -9 between any two steps",
    "B02": "power loss after intent commit",
    "B03": "disk full at intent / after PUT",
    "B04": "DB locked longer than 10 s",
    "B05": "DB corrupt",
    "B06": "older schema",
    "B07": "newer schema (program rolled back)",
    "B08": "DB missing/empty, rules live (empty volume)",
    "B09": "DB restored from an old copy",
    "B10": "SQLite on NFS/SMB",
    "B11": "two syncs at once, one host",
    "B12": "two workers, two hosts, PostgreSQL",
    "B13": "two bridges, separate DBs, same appliance (test copy!)",
    "B14": "paused (SIGSTOP, VM suspend) past lease",
    "B15": "NTP jump +-1 day",
    "B16": "SIGTERM / Task Scheduler time limit mid-PUT",
    "B17": "1 M tickets, memory",
    "B18": "log disk full, broken pipe",
    "B19": "out of file handles",
    "B20": "locale tr_TR, C, Windows cp1252 console",
    "B21": "PostgreSQL lost during COMMIT",
    "B22": "PG read-only replica / failover",
    "B23": "state dir world-readable",
    "B24": "run longer than interval",
    "C01": "bad YAML",
    "C02": "duplicate keys",
    "C03": "`no`, `on`, `12:30`, `010`, `3.10` read as something else",
    "C04": "alias/merge bomb, self reference, depth 5,000",
    "C05": "unknown user/queue/category",
    "C06": "typo in status, field, operator, key",
    "C07": "rules A->B->A",
    "C08": "ping-pong with a KACE ticket rule, a human or another bot",
    "C09": "regex bomb",
    "C10": "look-ahead, back-reference, `\\Z`, `{1001}`",
    "C11": "10,000 matches at once",
    "C12": "cosmetic edit of a rule",
    "C13": "rule id renamed/copied",
    "C14": "empty condition",
    "C15": "two rules set one field differently",
    "C16": "back after 3 days down",
    "C17": "business hours over DST/holidays",
    "C18": "template error/undefined name",
    "C19": "template output of 50 MB",
    "C20": "config replaced mid-run",
    "D01": "SMTP down 3 days",
    "D02": "4xx greylist / 5xx",
    "D03": "part of recipients refused",
    "D04": "link lost after final dot",
    "D05": "SMTP/OAuth credential expired",
    "D06": "webhook 5xx/timeout; 4xx; 410",
    "D07": "HTTP 200 with error text (chat)",
    "D08": "slow-loris / 1 GB answer",
    "D09": "duplicate on retry",
    "D10": "chat answers 429",
    "D11": "loop: auto-reply -> queue mailbox -> new ticket -> rule -> mail",
    "D12": "out-of-office edits ticket each time",
    "D13": "1,000-mail storm",
    "D14": "change reverted before send",
    "D15": "'closed' overtakes 'opened'",
    "D16": "CR/LF/VT/NEL/U+2028 in title",
    "D17": "10k-char, RTL, emoji, lone surrogate subject",
    "D18": "recipient empty/invalid",
    "D19": "one message always fails",
    "D20": "dead channel, outbox grows",
    "D21": "secret in webhook URL reaches log/trace",
    "D22": "sent after lease lost",
    "D23": "the appliance's own mails on top of the bridge's",
    "S01": "the account's role: only what is needed",
    "S02": "read-only first: no way to a write",
    "S03": "secrets from files or the environment, never argv",
    "S04": "redaction in logs, tracebacks, files",
    "S05": "TLS: bad certificates refused",
    "S06": "session: cookies in memory, no redirect",
    "S07": "SSRF: webhook addresses",
    "S08": "mail loops",
    "S09": "header injection",
    "S10": "templates: no computing, no objects, capped",
    "S11": "YAML: bombs, tags, depth, duplicates",
    "S12": "ReDoS",
    "S13": "terminal: nothing a ticket says acts",
    "S14": "HTML in mail",
    "S15": "chat markup",
    "S16": "CSV and HTML reports",
    "S17": "comments written into tickets",
    "S18": "paths and file modes",
    "S19": "what the store keeps, and forgetting",
    "S20": "nothing stored or received is code",
    "S21": "SQL and filter values",
    "S22": "audit chain",
    "S23": "approvals bound to the plan",
    "S24": "resource limits",
    "S25": "service hardening",
    "S26": "supply chain",
    "S27": "no open port",
    "S28": "patch level of the appliance",
    "S29": "organization pinned",
    "S30": "disclosure",
}

UNTESTED: dict[str, str] = {}
"""Rows no test here can cover, with the reason."""

_WRITTEN = "<!-- Written by `python -m tests.support.catalogue`. Mark tests, do not edit this. -->"
_MARK = "pytest.mark.catalogue"


def marks() -> dict[str, list[str]]:
    """Row -> the tests that name it, ``folder/test_file.py::test_name``, sorted."""
    found: dict[str, set[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        name = path.relative_to(TESTS).as_posix()
        for row, place in _marks_in(tree, name):
            found.setdefault(row, set()).add(place)
    return {row: sorted(places) for row, places in found.items()}


def _marks_in(node: ast.AST, place: str) -> Iterator[tuple[str, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _marks_in(child, f"{place}::{child.name}")
        else:
            if isinstance(child, ast.Call) and ast.unparse(child.func) == _MARK:
                yield from ((str(ast.literal_eval(row)), place) for row in child.args)
            yield from _marks_in(child, place)


def page() -> str:
    """docs/faults.md: every row with the tests that cover it."""
    covered = marks()
    count = sum(row in covered for row in ROWS)
    lines = ["# What can go wrong, and the test that shows what happens then", "", _WRITTEN, ""]
    lines += [f"{count} of {len(ROWS)} rows have a test here; `pytest -m catalogue` runs them.", ""]
    for letter, title in GROUPS.items():
        lines += [f"## {letter}. {title}", "", "| Row | What happens | Tests |", "|---|---|---|"]
        for row, what in ROWS.items():
            if row.startswith(letter):
                lines.append(f"| {row} | {what} | {_cell(row, covered.get(row, []))} |")
        lines.append("")
    return "\n".join(lines)


def _cell(row: str, places: list[str]) -> str:
    if not places:
        return f"none: {UNTESTED.get(row, 'to do')}"
    shown = "<br>".join(f"`{place}`" for place in places[:3])
    return shown + (f"<br>and {len(places) - 3} more" if len(places) > 3 else "")


if __name__ == "__main__":
    (TESTS.parent / "docs" / "faults.md").write_text(page(), encoding="utf-8")
