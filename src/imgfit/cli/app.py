"""The ``imgfit`` command: arguments to the public API, data to stdout, the rest to stderr.

Exit codes: 0 when every draft speaks, 1 when some draft is below the threshold, cannot be judged
or cannot be read, 2 for a usage or model error, or if results could not be written or printed,
130 when interrupted (143 by SIGTERM, 129 by SIGHUP).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from imgfit.cli import caches, check, choose, models
from imgfit.cli.help import SpokenCommand, SpokenGroup
from imgfit.cli.options import Speaking, Version, spread
from imgfit.cli.process import run
from imgfit.cli.words import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> None:
    """Run the command line."""
    sys.exit(run(app))


def _group(name: str) -> typer.Typer:
    """Make a group of commands; typer's own markup stays off, it takes brackets for its marks."""
    return typer.Typer(
        name=name,
        cls=SpokenGroup,
        help=COMMANDS[name].en,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


def _add(group: typer.Typer, name: str, command: Callable[..., None]) -> None:
    path = name if group is app else f"{group.info.name} {name}"
    group.command(name, cls=SpokenCommand, help=COMMANDS[path].en)(spread(command))


def _before(asked: Speaking) -> None:
    """Take the options that stand before a command; the language was decided before parsing."""


def _before_all(asked: Speaking, version: Version = False) -> None:
    """Take the options that stand before all commands; the version is shown while parsing."""


app = _group("imgfit")
app.callback()(spread(_before_all))
for _name, _command in {
    "check": check.check,
    "calibrate": check.calibrate,
    "rank": choose.rank,
    "rank-captions": choose.rank_captions,
    "swap": choose.swap,
    "explain": choose.explain,
}.items():
    _add(app, _name, _command)

for _group_name, _commands in {
    "cache": {"info": caches.info, "clear": caches.clear, "merge": caches.merge},
    "models": {
        "list": models.list_models,
        "pull": models.pull,
        "verify": models.verify,
        "bundle": models.bundle,
        "add": models.add,
        "info": models.info,
    },
}.items():
    _inner = _group(_group_name)
    _inner.callback()(spread(_before))
    for _name, _command in _commands.items():
        _add(_inner, _name, _command)
    app.add_typer(_inner)
