"""The hook definition: pre-commit runs it on changed files, offline, and the gate holds."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from imgfit.drafts.folders import FOLDER_CAPTIONS
from imgfit.drafts.kinds import CAPTION_SUFFIXES, MANIFEST_SUFFIXES, PHOTO_SUFFIXES

ROOT = Path(__file__).parents[2]
HOOKS = ROOT / ".pre-commit-hooks.yaml"
EXAMPLES = ROOT / "examples" / "drafts"

# A repository is full of other JSON, so a manifest of that kind is checked by its name only.
MANIFESTS = MANIFEST_SUFFIXES - {".json"}


def pattern(key: str) -> re.Pattern[str]:
    (value,) = re.findall(rf"^  {key}: (.+)$", HOOKS.read_text("utf-8"), re.MULTILINE)
    return re.compile(value)


@pytest.mark.parametrize(
    "name",
    [
        *(f"posts/a{s}" for s in sorted({*PHOTO_SUFFIXES, *MANIFESTS, *CAPTION_SUFFIXES})),
        *(f"posts/{name}" for name in FOLDER_CAPTIONS),
        "A.JPG",
    ],
)
def test_the_hook_is_handed_every_file_that_a_draft_is_made_of(name: str) -> None:
    assert pattern("files").search(name)
    assert not pattern("exclude").search(name)


@pytest.mark.parametrize("name", ["README.md", "posts/readme.txt", "posts/CREDITS.md"])
def test_the_hook_leaves_pages_alone(name: str) -> None:
    assert pattern("exclude").search(name)


@pytest.mark.skipif(shutil.which("git") is None, reason="pre-commit works on git repositories")
def test_pre_commit_runs_the_hook_offline_on_changed_files(tmp_path: Path) -> None:
    pytest.importorskip("pre_commit", reason="the dev extra brings it")
    # The command as installed by this interpreter, and a home in which nothing is cached.
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "imgfit"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m imgfit "$@"\n')
    command.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PRE_COMMIT_HOME": str(tmp_path / "home"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        # Any request would fail at once.
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
    }

    def run(*arguments: str, at: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            arguments, cwd=at, env=environment, capture_output=True, text=True, check=False
        )

    def repository(path: Path) -> Path:
        path.mkdir()
        for arguments in (
            ["init", "-q"],
            ["config", "user.name", "x"],
            ["config", "user.email", "x@example.org"],
        ):
            assert run("git", *arguments, at=path).returncode == 0
        return path

    hooks = repository(tmp_path / "hooks")
    shutil.copy(HOOKS, hooks)
    posts = repository(tmp_path / "posts")
    for place, message in ((hooks, "hooks"),):
        run("git", "add", "-A", at=place)
        assert run("git", "commit", "-qm", message, at=place).returncode == 0
    revision = run("git", "rev-parse", "HEAD", at=hooks).stdout.strip()
    (posts / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {hooks}\n    rev: {revision}\n    hooks:\n"
        "      - id: imgfit\n        args: [--far, '0.05', --lang, en]\n"
    )
    (posts / "drafts").mkdir()
    for name in ("kucing.png", "kucing.txt"):
        shutil.copy(EXAMPLES / name, posts / "drafts")
    (posts / "drafts" / "README.md").write_text("a page")

    def hook() -> subprocess.CompletedProcess[str]:
        run("git", "add", "-A", at=posts)
        return run(sys.executable, "-m", "pre_commit", "run", at=posts)

    good = hook()
    assert good.returncode == 0, good.stdout + good.stderr
    assert "Passed" in good.stdout
    assert run("git", "commit", "-qm", "first", at=posts).returncode == 0
    # Only the caption changes; its photo must be checked again.
    (posts / "drafts" / "kucing.txt").write_text("Petani memanen padi di sawah yang luas.")
    bad = hook()
    assert bad.returncode == 1
    assert "Failed" in bad.stdout
    assert "kucing.png" in bad.stdout
    assert "exit code: 1" in bad.stdout
