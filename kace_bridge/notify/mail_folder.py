"""Write a delivery as a file: whole or not at all."""

import os
import tempfile
from pathlib import Path

from kace_bridge.model.message import File, Outcome
from kace_bridge.notify.outcome import dead, fault_of, refused_for_now, unreachable


def write_file(file: File) -> Outcome:
    """Put *file* into its folder (made 0700 if missing), readable by its owner only (0600).

    The file appears complete under its name, replacing the same message of an earlier try.
    """
    if not file.name or Path(file.name).name != file.name or file.name.startswith("."):
        return dead("this is no name for a file")
    folder = Path(file.folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp makes the file 0600 and refuses to follow a link laid in its way.
        handle, unfinished = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=folder)
    except OSError as error:
        return unreachable(f"the folder {folder} cannot be written ({fault_of(error)})")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(file.content)
            out.flush()
            os.fsync(out.fileno())
        Path(unfinished).replace(folder / file.name)
    except OSError as error:
        Path(unfinished).unlink(missing_ok=True)
        return refused_for_now(f"{folder / file.name} cannot be written ({fault_of(error)})")
    return Outcome("sent")
