"""A store in a file on a network share is refused before anything is made there."""

from pathlib import Path

import pytest

from kace_bridge.errors import ConfigError
from kace_bridge.state import files, open_store

pytestmark = pytest.mark.catalogue("B10")

MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /mnt/share rw - nfs4 filer:/export rw,vers=4.2
31 22 0:41 / /mnt/team\\040drive rw - cifs //filer/team rw
32 30 8:2 / /mnt/share/local rw - xfs /dev/sdb1 rw
33 22 0:42 / /home/me/far rw - fuse.sshfs far:/ rw
34 22 0:43 / /c rw - 9p C: rw
35 22 0:44 / /over rw - ext4 /dev/sdc1 rw
36 22 0:45 / /over rw - nfs filer:/over rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/kb.db", ""),
        ("/mnt/share/kb.db", "nfs4"),
        ("/mnt/shared.db", ""),
        ("/mnt/team drive/kb.db", "cifs"),
        ("/mnt/share/local/kb.db", ""),
        ("/home/me/far/deep/kb.db", "fuse.sshfs"),
        ("/c/kb.db", "9p"),
        ("/over/kb.db", "nfs"),
    ],
)
def test_the_share_is_told_from_the_disk(path: str, kind: str) -> None:
    """The innermost mount counts, the latest of those on one place, blanks in names too."""
    assert files.network_kind(MOUNTS, Path(path)) == kind


def test_a_store_on_a_share_is_refused_and_nothing_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line names the file system and both ways out."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"30 22 0:40 / {tmp_path} rw - nfs4 filer:/export rw\n")
    monkeypatch.setattr(files, "MOUNTS", mounts)
    with pytest.raises(ConfigError, match=r"network share \(nfs4\).*local disk, or PostgreSQL"):
        open_store(f"sqlite:///{tmp_path}/kb.db")
    assert not (tmp_path / "kb.db").exists()
