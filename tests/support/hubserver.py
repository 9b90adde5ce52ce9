"""A hub of its own on 127.0.0.1: model listings, files by commit, ranges, and what goes wrong."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGE = (".safetensors", ".bin", ".model")
_API = re.compile(r"/api/models/(?P<repo>[^/]+/[^/]+)(/revision/(?P<revision>.+))?")
_FILE = re.compile(r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)")


@dataclass
class Asked:
    """One request for a file's bytes, and how many went out."""

    method: str
    path: str
    range: str | None
    headers: dict[str, str]
    sent: int = 0


@dataclass
class FakeHub:
    """What the hub holds: repositories by name, each a list of commits."""

    url: str = ""
    repositories: dict[str, list[dict[str, bytes]]] = field(default_factory=dict)
    tags: dict[str, list[str]] = field(default_factory=dict)
    # Faults: bytes after which a file's connection is cut and the hub falls silent; what is
    # served in place of a file; what is listed on top; a status for every answer.
    cut: dict[str, int] = field(default_factory=dict)
    served: dict[str, bytes] = field(default_factory=dict)
    listed: list[dict[str, Any]] = field(default_factory=list)
    status: int | None = None
    silent: bool = False
    asked: list[Asked] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)

    def put(self, name: str, files: dict[str, bytes], *tags: str) -> str:
        """Commit files to a repository; returns the commit."""
        self.repositories.setdefault(name, []).append(files)
        self.tags[name] = list(tags)
        return self.commit(name)

    def commit(self, name: str, number: int = -1) -> str:
        commits = self.repositories[name]
        place = range(len(commits))[number]
        return hashlib.sha1(f"{name} {place}".encode(), usedforsecurity=False).hexdigest()

    def commit_of(self, name: str, files: dict[str, bytes]) -> str:
        commits = self.repositories[name]
        return self.commit(name, next(n for n, held in enumerate(commits) if held is files))

    def files(self, name: str, revision: str) -> dict[str, bytes] | None:
        commits = self.repositories.get(name, [])
        for number, files in enumerate(commits):
            if revision == self.commit(name, number):
                return files
        return commits[-1] if revision == "main" and commits else None

    def received(self, path: str) -> list[Asked]:
        """Return the requests for the bytes of a file."""
        return [one for one in self.asked if one.method == "GET" and one.path == path]


def digest_of(path: str, data: bytes) -> dict[str, Any]:
    """Announce a file as the hub does: git's SHA-1, and SHA-256 where it is large."""
    blob = hashlib.sha1(f"blob {len(data)}\0".encode() + data, usedforsecurity=False).hexdigest()
    entry: dict[str, Any] = {"rfilename": path, "size": len(data), "blobId": blob}
    if path.endswith(LARGE):
        digest = hashlib.sha256(data).hexdigest()
        entry["lfs"] = {"sha256": digest, "size": len(data), "pointerSize": 134}
    return entry


class _Handler(BaseHTTPRequestHandler):
    """Answers for the hub of its server."""

    protocol_version = "HTTP/1.1"

    @property
    def hub(self) -> FakeHub:
        return self.server.hub  # type: ignore[attr-defined,no-any-return]

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        if self.hub.silent:
            self.close_connection = True
            return
        path = unquote(urlsplit(self.path).path)
        if self.hub.status is not None:
            self._send(self.hub.status, b"no")
        elif found := _API.fullmatch(path):
            self.hub.looked.append(path)
            self._listing(found["repo"], found["revision"] or "main")
        elif found := _FILE.fullmatch(path):
            self._file(found["repo"], found["revision"], found["path"])
        elif path.startswith("/cdn/"):
            _, _, owner, repo, commit, name = path.split("/", 5)
            self._bytes(f"{owner}/{repo}", commit, name)
        else:
            self._send(404, b"no such page")

    def _listing(self, repo: str, revision: str) -> None:
        files = self.hub.files(repo, revision)
        if files is None:
            known = repo in self.hub.repositories
            code = "RevisionNotFound" if known else "RepoNotFound"
            self._send(404, b"no", {"X-Error-Code": code})
            return
        siblings = [digest_of(path, data) for path, data in files.items()]
        body = {
            "id": repo,
            "sha": self.hub.commit_of(repo, files),
            "siblings": siblings + self.hub.listed,
            "tags": self.hub.tags[repo],
            "private": False,
        }
        self._send(200, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _file(self, repo: str, revision: str, name: str) -> None:
        files = self.hub.files(repo, revision)
        if files is None or name not in files:
            self._send(404, b"no", {"X-Error-Code": "EntryNotFound"})
            return
        entry = digest_of(name, files[name])
        commit = self.hub.commit_of(repo, files)
        headers = {"X-Repo-Commit": commit, "ETag": f'"{entry["blobId"]}"'}
        if "lfs" in entry:
            # Large files lie elsewhere; what they are stands in the redirection.
            headers["X-Linked-Etag"] = f'"{entry["lfs"]["sha256"]}"'
            headers["X-Linked-Size"] = str(entry["size"])
            elsewhere = self.hub.url.replace("127.0.0.1", "localhost")
            headers["Location"] = f"{elsewhere}/cdn/{repo}/{commit}/{name}"
            self._send(302, b"", headers)
            return
        self._bytes(repo, commit, name, headers)

    def _bytes(
        self, repo: str, commit: str, name: str, headers: dict[str, str] | None = None
    ) -> None:
        files = self.hub.files(repo, commit) or {}
        data = self.hub.served.get(name, files[name])
        asked = Asked(self.command, name, self.headers["Range"], dict(self.headers))
        self.hub.asked.append(asked)
        first, status, more = 0, 200, {**(headers or {}), "Accept-Ranges": "bytes"}
        if asked.range is not None:
            first = int(asked.range.removeprefix("bytes=").partition("-")[0])
            if first >= len(data):
                self._send(416, b"", {"Content-Range": f"bytes */{len(data)}"})
                return
            status = 206
            more["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
        body = data[first:]
        cut = self.hub.cut.get(name)
        asked.sent = len(body) if cut is None else min(cut, len(body))
        self._send(status, body, more, cut)
        if cut is not None:
            self.hub.silent = True

    def _send(
        self,
        status: int,
        body: bytes,
        headers: dict[str, str] | None = None,
        cut: int | None = None,
    ) -> None:
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[:cut])
        if cut is not None:
            self.close_connection = True


@contextmanager
def serving() -> Iterator[FakeHub]:
    """Run a hub; it is empty."""
    hub = FakeHub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.hub = hub  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        hub.silent = True  # connections that are still open too
        server.shutdown()
        thread.join()
        server.server_close()
