"""The command: sets up the world, lets it run, brings it to rest, and asks the checker."""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.rig import Sandbox, run, sandbox
from benchmarks.workers.broken import BROKEN
from benchmarks.workers.check import Verdict, check, tell
from benchmarks.workers.desk import data, write_config
from benchmarks.workers.nemesis import LATE_S, VERY_LATE_S, Nemesis, Worker, workers
from benchmarks.workers.people import People
from benchmarks.workers.sinks import Hooks, Mailbox, Notes

TTL_S = 90
SETTLE_S = LATE_S
LONGEST_REST = 200


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workers")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--faults", action="store_true", help="let requests and messages fail")
    parser.add_argument(
        "--mail-trouble",
        type=float,
        default=0.15,
        metavar="SHARE",
        help="of messages refused for now, or taken without an answer",
    )
    parser.add_argument("--rate", type=float, default=1.0, help="acts of people per second")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--broken", choices=sorted(BROKEN), default="")
    parser.add_argument("--keep", type=Path, help="leave what was recorded in this folder")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


@contextmanager
def state(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a new store."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/state.db"
        return
    from tests.support.postgres import serve

    with serve() as server:
        yield server.url("desk")


def main() -> int:
    asked = options()
    with ExitStack() as stack:
        folder = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        did = play(asked, folder, stack.enter_context(state(asked.store, folder)))
        verdict = check(folder)
    report(asked, verdict, did)
    return int(verdict.clean if asked.broken else not verdict.clean)


def play(asked: argparse.Namespace, folder: Path, url: str) -> dict[str, Any]:
    """Let the world run for the time asked; leave its records in *folder*."""
    trouble = asked.mail_trouble if asked.faults else 0.0
    acts, mails, hooked = (Notes(folder / f"{name}.jsonl") for name in ("acts", "mails", "hooks"))
    mailbox, hooks = Mailbox(mails, trouble, asked.seed), Hooks(hooked, trouble, asked.seed)
    with sandbox() as box:
        box.load(data())
        settle = 0.0 if asked.broken == "settle" else SETTLE_S
        config = write_config(folder, mailbox.start(), hooks.start(), settle_s=settle)
        once(box, config, url)  # the first sync only learns
        crew = workers(asked.workers, config, url, box.environ, asked.broken)
        people = People(box, acts, mails, asked.rate, asked.seed)
        long_stop = TTL_S + 15 if asked.store == "postgres" and asked.minutes >= 3 else 0
        late = VERY_LATE_S if asked.broken == "settle" else LATE_S
        nemesis = Nemesis(box, crew, asked.seed, asked.faults, long_stop, late)
        work(people, nemesis, crew, asked.minutes * 60)
        mailbox.trouble = 0.0
        after = rest(box, config, url, asked.broken, late)
        after["problems"] = tracebacks(crew)
        (folder / "after.json").write_text(json.dumps(after))
        (folder / "dump.json").write_text(json.dumps(box.dump()))
    mailbox.stop()
    hooks.stop()
    for notes in (acts, mails, hooked):
        notes.close()
    return {"starts": sum(worker.starts for worker in crew), **nemesis.done}


def work(people: People, nemesis: Nemesis, crew: list[Worker], seconds: float) -> None:
    jobs = (people.work, nemesis.trouble_requests, nemesis.trouble_workers, nemesis.keep_running)
    threads = [threading.Thread(target=job, daemon=True) for job in jobs]
    for worker in crew:
        worker.start()
    try:
        for thread in threads:
            thread.start()
        time.sleep(seconds)
    finally:
        people.stopped.set()
        nemesis.stopped.set()
        for thread in threads:
            thread.join(60)
        for worker in crew:
            worker.end()


def once(box: Sandbox, config: Path, url: str, broken: str = "") -> dict[str, Any]:
    """One sync of the whole program; empty where it says 'try later'."""
    words = ("-c", str(config), "--state", url, "sync", "--json")
    if not broken:
        done = run(box, config.parent, *words)
        return done.json() if done.code in (0, 1) else {}
    command = [sys.executable, "-m", "benchmarks.workers.broken", *words]
    ran = subprocess.run(command, env={**box.environ, "BROKEN": broken}, capture_output=True,
                         text=True, check=False)  # fmt: skip
    return json.loads(ran.stdout) if ran.returncode in (0, 1) else {}


def rest(box: Sandbox, config: Path, url: str, broken: str, late_s: float) -> dict[str, Any]:
    """No more faults; syncs until nothing is left, then one that must do nothing."""
    import requests

    requests.delete(f"{box.control}/faults", timeout=60)
    time.sleep(late_s + 4)  # what is still on its way arrives, what is unknown can be settled
    for _ in range(LONGEST_REST):
        box.clock(advance="2h")  # messages that wait for another try are due
        made = once(box, config, url, broken)
        moving = made and any(made[what] for what in ("applied", "unknown", "sent", "waiting"))
        if made and not moving and not waiting_messages(box, config, url):
            break
        time.sleep(1)
    box.forget_requests()
    sent = once(box, config, url, broken).get("sent", 0)
    writes = sum(entry["method"] == "PUT" for entry in box.requests())
    faults = run(box, config.parent, "-c", str(config), "--state", url, "state", "verify", "--json")
    return {"writes": writes, "sent": sent, "faults": faults.json()["faults"]}


def waiting_messages(box: Sandbox, config: Path, url: str) -> bool:
    """Whether messages are left to send."""
    words = ("-c", str(config), "--state", url, "outbox", "list", "--state", "pending", "--json")
    return bool(run(box, config.parent, *words).json()["messages"])


def tracebacks(crew: list[Worker]) -> list[str]:
    """Faults of the program itself, by worker."""
    found = []
    for worker in crew:
        text = worker.log.read_text("utf-8", "replace") if worker.log.exists() else ""
        if "Traceback" in text:
            last = text[text.index("Traceback") :].splitlines()
            found.append(f"worker {worker.number}: a traceback: {last[-1][:200]}")
    return found


def report(asked: argparse.Namespace, verdict: Verdict, did: dict[str, Any]) -> None:
    if asked.json:
        lines = {"lost": verdict.lost, "doubled": verdict.doubled, "wrong": verdict.wrong}
        print(json.dumps({**verdict.figures, **lines, "done": did}))
        return
    print(f"{asked.workers} workers, {asked.minutes:g} minutes, {asked.store}:", did)
    print("\n".join(tell(verdict)))
    if asked.broken:
        print("noticed" if not verdict.clean else "NOT NOTICED: the checker proves nothing")


if __name__ == "__main__":
    sys.exit(main())
