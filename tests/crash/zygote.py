"""A process with everything imported that forks the one to be killed: ``python -m``, orders in.

One order per line (JSON), two answers: the process id, and how it ended. Forking costs some ten
milliseconds where starting anew costs half a second; what dies is a process all the same.
"""

import gc
import json
import os
import sys
from pathlib import Path

from tests.crash.jobs import weaken
from tests.crash.points import watch_files
from tests.crash.process import Killer, read_site, work


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        read_site(order["config"], order["text"], tuple(order["environ"].items()))
        back, there = os.pipe()
        gc.freeze()  # else each child looks through, and so copies, all that was imported
        child = os.fork()
        if child == 0:
            os.close(back)
            killer = Killer(order["point"], order["nth"], order["sign"])
            watch_files(killer, Path(order["folder"]))
            weaken(order["variant"])
            told = work(order, killer)
            os.write(there, json.dumps({**told, "reached": killer.reached}).encode())
            os._exit(0)
        os.close(there)
        print(json.dumps({"pid": child}), flush=True)
        with os.fdopen(back, "rb") as pipe:
            told = pipe.read()
        _, status = os.waitpid(child, 0)
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        code = os.waitstatus_to_exitcode(status)
        answer = json.loads(told) if told else {}
        print(json.dumps({"killed": killed, "status": code, **answer}), flush=True)


if __name__ == "__main__":
    main()
