"""The ``imgfit`` command: arguments to the public API, data to stdout, the rest to stderr.

Exit codes: 0 when every draft speaks, 1 when some draft is below the threshold, cannot be judged
or cannot be read, 2 for a usage or model error, or if results could not be written or printed,
130 when interrupted (143 by SIGTERM, 129 by SIGHUP).
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer

from imgfit.cli import caches, check, choose, doctor, models
from imgfit.cli.help import SpokenCommand, SpokenGroup
from imgfit.cli.options import Speaking, Version, spread
from imgfit.cli.process import run
from imgfit.cli.words import COMMANDS

# The commands by their group; those of the first stand alone.
_COMMANDS: dict[str, dict[str, Callable[..., None]]] = {
    "imgfit": {
        "check": check.check,
        "calibrate": check.calibrate,
        "rank": choose.rank,
        "rank-captions": choose.rank_captions,
        "swap": choose.swap,
        "explain": choose.explain,
        "doctor": doctor.doctor,
    },
    "cache": {"info": caches.info, "clear": caches.clear, "merge": caches.merge},
    "models": {
        "list": models.list_models,
        "pull": models.pull,
        "verify": models.verify,
        "bundle": models.bundle,
        "add": models.add,
        "info": models.info,
    },
}


def main() -> None:
    """Run the command line."""
    sys.exit(run(app))


def _group(name: str) -> typer.Typer:
    """Make a group with its commands; typer's markup stays off, it takes brackets for its marks."""
    group = typer.Typer(
        name=name,
        cls=SpokenGroup,
        help=COMMANDS[name].en,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    alone = name == "imgfit"
    group.callback()(spread(_before_all if alone else _before))
    for word, command in _COMMANDS[name].items():
        help_text = COMMANDS[word if alone else f"{name} {word}"].en
        group.command(word, cls=SpokenCommand, help=help_text)(spread(command))
    return group


def _before(asked: Speaking) -> None:
    """Take the options that stand before a command; the language was decided before parsing."""


def _before_all(asked: Speaking, version: Version = False) -> None:
    """Take the options that stand before all commands; the version is shown while parsing."""


app = _group("imgfit")
for _name in _COMMANDS:
    if _name != "imgfit":
        app.add_typer(_group(_name))
