"""One sync in a process of its own: ``python -m tests.support.one_sync CONFIG STATE``.

Prints the report's figures, or the error and its exit code.
"""

import json
import os
import sys
from pathlib import Path

from kace_bridge.config.load import load
from kace_bridge.errors import KaceBridgeError
from kace_bridge.sync.cycle import sync
from kace_bridge.sync.report import counts
from kace_bridge.sync.wire import bridge


def main(config: str, state: str) -> int:
    site = load(Path(config), environ=os.environ)
    try:
        with bridge(site, state=state) as made:
            report = sync(made)
    except KaceBridgeError as error:
        print(json.dumps({"error": str(error)}))
        return error.exit_code
    until = report.waiting_until.timestamp() if report.waiting_until else None
    print(json.dumps({**counts(report), "waiting_until": until}))
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
