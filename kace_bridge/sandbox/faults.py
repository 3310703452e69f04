"""Scripted failures: which requests they hit and what goes wrong."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from kace_bridge.sandbox.exchange import ApiError, Reply, Request, answer_html, answer_json

DEEDS = {
    "status",
    "headers",
    "body",
    "html",
    "delay_s",
    "drop_before",
    "drop_after",
    "apply_late_s",
    "truncate",
    "expire_session",
    "ignore_fields",
}


@dataclass(slots=True)
class Fault:
    """Hits matching requests after letting *after* of them pass; *times* None is for ever."""

    method: str
    path: str
    query: str
    after: int
    times: int | None
    do: dict[str, Any] = field(default_factory=dict)

    def hits(self, request: Request, path: str) -> bool:
        """Counts the request; true when it is one to fail."""
        if self.method not in ("", request.method) or self.query not in request.query:
            return False
        if self.path and not fnmatchcase(path, self.path):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.times is None:
            return True
        self.times -= 1
        return self.times >= 0

    def is_answer(self) -> bool:
        """Is the request answered by the fault itself, so never applied?"""
        return bool({"status", "body", "html"} & self.do.keys())

    def answer(self) -> Reply:
        """The scripted answer: JSON by default, a web server's page with ``html``."""
        status = int(self.do.get("status", 200))
        html, body = self.do.get("html"), self.do.get("body")
        if html:
            return answer_html(f"{status}", status, html if isinstance(html, str) else "")
        if isinstance(body, str):
            return Reply(status, [("Content-Type", "application/json")], body.encode())
        if body is None:
            body = {"errorCode": -1, "errorDescription": f"Scripted fault {status}"}
        return answer_json(body, status)


def read_faults(sent: object) -> list[Fault]:
    """Faults from their JSON form; ApiError 400 names what is wrong."""
    rows = sent if isinstance(sent, list) else [sent]
    faults = []
    for number, row in enumerate(rows):
        if not isinstance(row, dict) or not isinstance(row.get("do"), dict) or not row["do"]:
            raise ApiError(400, f"faults[{number}]: needs an object with 'do'")
        unknown = (row["do"].keys() - DEEDS) | (row.keys() - {"match", "after", "times", "do"})
        if unknown:
            raise ApiError(400, f"faults[{number}]: unknown {', '.join(sorted(unknown))}")
        match = row.get("match") or {}
        faults.append(
            Fault(
                str(match.get("method", "")).upper(),
                str(match.get("path", "")),
                str(match.get("query", "")),
                int(row.get("after", 0)),
                None if row.get("times", 1) is None else int(row.get("times", 1)),
                row["do"],
            )
        )
    return faults


def take_fault(faults: list[Fault], request: Request, path: str) -> Fault | None:
    """The first fault that hits; spent ones are forgotten."""
    hit = next((fault for fault in faults if fault.hits(request, path)), None)
    faults[:] = [fault for fault in faults if fault.times is None or fault.times > 0]
    return hit
