"""Whether a path is on a drive that other machines share, as far as the system says."""

from __future__ import annotations

import os
import re
from pathlib import Path

# As Linux names them in /proc/self/mountinfo. SQLite's journal needs memory that all its users
# share, which machines do not (https://sqlite.org/wal.html), and its locks are only as good as the
# server's. Not here: 9p, virtiofs and overlay, with which sandboxes, virtual machines and
# containers reach the disk of their own host.
_NETWORK = frozenset(
    [
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "coda", "davfs"),
        *("ceph", "glusterfs", "lustre", "gpfs", "beegfs", "pvfs2", "ocfs2", "gfs2"),
    ]
)
# Behind FUSE the type says which program serves it, such as fuse.sshfs.
_NETWORK_FUSE = frozenset(
    [
        *("sshfs", "s3fs", "rclone", "gcsfuse", "goofys", "mount-s3", "blobfuse", "blobfuse2"),
        *("glusterfs", "ceph", "ceph-fuse", "juicefs", "davfs", "davfs2", "curlftpfs", "smbnetfs"),
        *("afp", "hdfs", "fuse_dfs", "seaweedfs", "moosefs", "mfs"),
    ]
)
_MOUNTS = Path("/proc/self/mountinfo")


def network_filesystem(path: Path, mounts: Path = _MOUNTS) -> str | None:
    """Tell whether a path is on a drive that other machines share.

    Args:
        path: A file or folder, there or not yet.
        mounts: Linux's list of mounts.

    Returns:
        The file system's type; None if it is local, or the system does not say. On Windows only
        UNC names are known, not letters that stand for a share; on macOS none are.
    """
    if os.name == "nt":
        return "UNC" if re.match(r"[\\/]{2}[^\\/?.]", str(path.absolute())) else None
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return None
    place = os.path.realpath(path)
    best, kind = "", ""
    for line in lines:
        # Fields before " - " end with options; the fifth is the mount point, the type follows.
        head, found, tail = line.partition(" - ")
        fields = head.split(" ")
        if not found or len(fields) < 5:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4])
        inside = place == point or place.startswith(point.rstrip("/") + "/")
        # Of two mounts on one point the later hides the earlier.
        if inside and len(point) >= len(best):
            best, kind = point, tail.split(" ")[0]
    is_network = kind in _NETWORK or kind.removeprefix("fuse.") in _NETWORK_FUSE
    return kind if is_network else None
