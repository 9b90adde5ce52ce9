"""Every option and argument of the command, declared once, so that each means the same everywhere.

Options that many commands share are fields of a class. A command takes one such class, and `spread`
gives it each field as an option:

    Speaking    the language
    Bounding    and the bounds of the cache's file
    Keeping     and which file that is
    Caching     and whether to use it at all
    Running     and which model runs, and how
    Deciding    and what decides a verdict
"""

from __future__ import annotations

import functools
import inspect
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from imgfit.cli.help import LANG_VARIABLE
from imgfit.cli.words import HELP
from imgfit.scoring import Thresholds
from imgfit.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable


class Lang(StrEnum):
    """Languages that the command speaks."""

    id = "id"
    en = "en"


class How(StrEnum):
    """Ways to find the regions that support a caption."""

    exact = "exact"
    occlusion = "occlusion"


def _argument(key: str, metavar: str) -> Any:
    return typer.Argument(help=HELP[key].en, metavar=metavar)


def _option(key: str, metavar: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=HELP[key].en, metavar=metavar, **more)


def _flag(key: str, name: str, **more: Any) -> Any:
    return typer.Option(name, help=HELP[key].en, **more)


def _show_version(show: bool) -> None:
    if show:
        print(f"imgfit {__version__}")
        raise typer.Exit


# --- arguments -------------------------------------------------------------------------------

Paths = Annotated[list[str], _argument("paths", "PATH")]
Manifest = Annotated[str, _argument("manifest", "PATH")]
Photos = Annotated[list[str], _argument("photos", "PHOTO")]
Photo = Annotated[str, _argument("photo", "PHOTO")]
MergeOut = Annotated[Path, _argument("merge_out", "OUT")]
MergeIn = Annotated[list[Path], _argument("merge_in", "IN")]
ModelName = Annotated[str, _argument("name", "MODEL")]
ModelPlace = Annotated[str, _argument("place", "MODEL")]
Target = Annotated[Path, _argument("target", "FILE")]
Carried = Annotated[Path, _argument("bundle", "FILE")]

# --- options of one or two commands ----------------------------------------------------------

CaptionOfPhoto = Annotated[str | None, _option("caption_of_photo", "TEXT", "--caption", "-c")]
CaptionWanted = Annotated[str, _option("caption_wanted", "TEXT", "--caption", "-c")]
CaptionExplained = Annotated[str | None, _option("caption_explained", "TEXT", "--caption", "-c")]
CaptionsToRank = Annotated[list[str] | None, _option("caption_to_rank", "TEXT", "--caption", "-c")]
CaptionsFile = Annotated[str | None, _option("captions", "FILE", "--captions")]
Second = Annotated[str | None, _option("second", "MODEL")]
RowsFile = Annotated[Path | None, _option("rows", "FILE", "--output", "-o")]
Report = Annotated[Path | None, _option("report", "FILE")]
Open = Annotated[bool, _flag("open", "--open")]
Json = Annotated[bool, _flag("json", "--json")]
JsonObject = Annotated[bool, _flag("json_object", "--json")]
Top = Annotated[int | None, _option("top", "COUNT", min=1)]
Root = Annotated[str | None, _option("root", "FOLDER")]
PhotoColumn = Annotated[str | None, _option("photo_column", "COLUMN", "--photo-column")]
CaptionColumn = Annotated[str | None, _option("caption_column", "COLUMN", "--caption-column")]
AccountFile = Annotated[Path | None, _option("account", "FILE", "--account")]
Semicolons = Annotated[bool, _flag("csv_semicolons", "--csv-semicolons")]
Labels = Annotated[str | None, _option("labels", "COLUMN")]
FarFitted = Annotated[float, _option("far_fitted", "RATE", "--far")]
CalibrationFile = Annotated[Path, _option("calibration_written", "FILE", "--output", "-o")]
Picture = Annotated[Path | None, _option("picture", "FILE")]
HeatFile = Annotated[Path, _option("heat", "FILE", "--output", "-o")]
Method = Annotated[How | None, _option("method", "METHOD")]
AllModels = Annotated[bool, _flag("all_models", "--all")]
Revision = Annotated[str | None, _option("revision", "REVISION")]
AllowPickle = Annotated[bool, _flag("allow_pickle", "--allow-pickle")]
Lock = Annotated[Path | None, _option("lock", "FILE")]
Version = Annotated[bool, _flag("version", "--version", is_eager=True, callback=_show_version)]

# --- options that commands share -------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaking:
    """What every command takes.

    Attributes:
        lang: Language of everything it prints. `asked_language` found it before parsing, so that
            help and usage errors speak it too; here it is only checked.
    """

    lang: Annotated[Lang | None, _option("lang", "LANGUAGE", envvar=LANG_VARIABLE)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounding(Speaking):
    """The bounds of a cache.

    Attributes:
        cache_mb: Most megabytes that its file may take; None for the default.
        cache_on_network: Whether it may lie on a network drive.
    """

    cache_mb: Annotated[int | None, _option("cache_mb", "MB", min=1, envvar="IMGFIT_CACHE_MB")] = (
        None
    )
    cache_on_network: Annotated[
        bool, _flag("cache_on_network", "--cache-on-network", envvar="IMGFIT_CACHE_ON_NETWORK")
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping(Bounding):
    """Which cache.

    Attributes:
        cache: Its file; the user's own if None.
    """

    cache: Annotated[Path | None, _option("cache", "FILE")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caching(Keeping):
    """Whether to use the cache.

    Attributes:
        no_cache: Whether to do without.
    """

    no_cache: Annotated[bool, _flag("no_cache", "--no-cache")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Running(Caching):
    """The model, and how it runs.

    Attributes:
        model: As in `Checker.load`.
        runtime: As in `Checker.load`.
        calibration: As in `Checker.load`.
        any_language: As in `Checker.load`.
    """

    model: Annotated[str, _option("model", "MODEL")] = "mini"
    runtime: Annotated[str | None, _option("runtime", "RUNTIME")] = None
    calibration: Annotated[Path | None, _option("calibration", "FILE")] = None
    any_language: Annotated[bool, _flag("any_language", "--any-language")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding(Running):
    """What decides a verdict.

    Attributes:
        far: As in `Checker.check_drafts`.
        no_clean: Whether to score captions as written.
    """

    far: Annotated[float | None, _option("far", "RATE")] = None
    no_clean: Annotated[bool, _flag("no_clean", "--no-clean")] = False

    def require_far(self) -> None:
        """Refuse a bad rate before the slow work, not after it.

        Raises:
            ArgumentError: It is out of range.
        """
        if self.far is not None:
            Thresholds.at(self.far)


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command each field of the options class that it takes as an option of its own.

    Args:
        command: One of its parameters is annotated with a class of this module.

    Returns:
        The command as typer wants it: parameters with options, the nearest class's first.
    """
    hints = get_type_hints(command, include_extras=True)
    group = next(name for name, hint in hints.items() if is_dataclass(hint))
    shared = _shared(hints[group])
    own = [
        parameter.replace(kind=parameter.KEYWORD_ONLY, annotation=hints[name])
        for name, parameter in inspect.signature(command).parameters.items()
        if name != group
    ]

    def spread_out(**given: Any) -> None:
        asked = hints[group](**{parameter.name: given.pop(parameter.name) for parameter in shared})
        command(**given, **{group: asked})

    signature = inspect.Signature([*own, *shared])
    spread_out.__annotations__ = {p.name: p.annotation for p in signature.parameters.values()}
    functools.update_wrapper(spread_out, command, ("__module__", "__name__", "__doc__"))
    vars(spread_out)["__signature__"] = signature
    return spread_out


def _shared(group: type) -> list[inspect.Parameter]:
    """Return the fields of an options class as parameters, its own before those of its bases."""
    hints = get_type_hints(group, include_extras=True)
    defaults = {field.name: field.default for field in fields(group)}
    ordered = [name for base in group.__mro__ for name in getattr(base, "__annotations__", {})]
    return [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=defaults[name], annotation=hints[name]
        )
        for name in dict.fromkeys(ordered)
    ]
