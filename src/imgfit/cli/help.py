"""Help pages and usage errors in the reader's language, decided before anything is parsed.

Typer and click say their fixed sentences in English only and read brackets in help texts as markup.
So both are written here, from what their classes know of each option.
"""

from __future__ import annotations

import os
import sys
import textwrap
from contextlib import contextmanager
from contextvars import ContextVar
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

from imgfit.cli.words import COMMANDS, HELP, METAVARS, NEEDED, USAGE, said
from imgfit.language import Language, or_system
from imgfit.printable import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Environment variable: the command's language, if --lang does not give one.
LANG_VARIABLE = "IMGFIT_LANG"

# Click's own name of the root of its errors. Newer releases of typer bring a copy of click, so the
# class is found through what both kinds export.
_UsageError: Any = typer.BadParameter.__mro__[1]

_NAMED: dict[str, Language] = {"id": "id", "en": "en"}
_TWINS = {phrase.en: phrase for phrase in (*HELP.values(), *COMMANDS.values())} | METAVARS
_spoken: ContextVar[Language | None] = ContextVar("spoken", default=None)


def spoken() -> Language:
    """Return the language of the command that runs.

    Returns:
        The one that `speaking` set; without it the system's.
    """
    return or_system(_spoken.get())


def asked_language(arguments: Sequence[str]) -> Language | None:
    """Find the language a command line asks for, without parsing it: help and errors need it.

    Args:
        arguments: The command line after the command's name.

    Returns:
        The last ``--lang``'s, else that of the environment; None if neither names a language.
    """
    asked = _NAMED.get(os.environ.get(LANG_VARIABLE, ""))
    for place, argument in enumerate(arguments):
        if argument == "--":
            break
        name, equals, value = argument.partition("=")
        if name == "--lang":
            following = arguments[place + 1] if place + 1 < len(arguments) else ""
            asked = _NAMED.get(value if equals else following, asked)
    return asked


@contextmanager
def speaking(language: Language | None) -> Iterator[None]:
    """Let a block speak a language.

    Args:
        language: Of its messages; the system's if None.
    """
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def twin(text: str) -> str:
    """Say a help text, or a name of a value, in the language of the command.

    Args:
        text: In English, as the option was declared with it.

    Returns:
        The text in the language.
    """
    if text not in _TWINS:
        return text
    return _TWINS[text].id if spoken() == "id" else _TWINS[text].en


class MisusedError(typer.BadParameter):
    """A usage error of this command's own, in the reader's language."""

    def __init__(self, key: str, ctx: Any = None, **facts: str) -> None:
        super().__init__(said(USAGE, key, spoken(), **facts), ctx)


class SpokenCommand(TyperCommand):
    """A command whose help page and usage errors are in the reader's language."""

    def get_usage(self, ctx: Any) -> str:
        """Return the usage line."""
        return _usage(self, ctx)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page."""
        _write_help(self, ctx, formatter)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the command line; arguments that nothing takes are an error."""
        ctx.allow_extra_args = True  # so that typer leaves the complaint to this class
        with _knowing(ctx):
            left = super().parse_args(ctx, args)
        if left:
            raise MisusedError("extra", ctx, names=" ".join(left))
        return left


class SpokenGroup(TyperGroup):
    """A group of commands, likewise."""

    def get_usage(self, ctx: Any) -> str:
        """Return the usage line."""
        return _usage(self, ctx)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page."""
        _write_help(self, ctx, formatter)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the options that stand before a command."""
        with _knowing(ctx):
            return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the arguments name."""
        if self.get_command(ctx, args[0]) is None:
            near = ", ".join(get_close_matches(args[0], self.commands))
            key = "no_such_command" if near else "no_command"
            raise MisusedError(key, ctx, name=args[0], near=near)
        return super().resolve_command(ctx, args)

    def main(self, args: Sequence[str] | None = None, *more: Any, **options: Any) -> Any:
        """Run the command in the language that it asks for, and end with its exit code."""
        options["standalone_mode"] = False
        with speaking(asked_language(sys.argv[1:] if args is None else args)):
            try:
                code = super().main(args, *more, **options)
            except _UsageError as error:
                sys.stderr.write(complaint(error))
                code = error.exit_code
            except typer.Abort:
                code = 1
        sys.exit(code if isinstance(code, int) else 0)


def complaint(error: Any) -> str:
    """Say what is wrong with a command line.

    Args:
        error: Click's usage error.

    Returns:
        What is wrong, the usage line and how to get help, each on a line of its own; a page of
        help if the command was given nothing at all.
    """
    if type(error).__name__ == "NoArgsIsHelpError":
        return f"{error.format_message()}\n"
    lines = [f"imgfit: {' '.join(_wrong(error).split())}"]
    if error.ctx is not None:
        lines += [error.ctx.get_usage(), said(USAGE, "try", spoken(), command=_path(error.ctx))]
    return "".join(f"{plain(line)}\n" for line in lines)


def _wrong(error: Any) -> str:
    """Say an error of click's in our own words, by its class."""
    language, kind = spoken(), type(error).__name__
    if isinstance(error, MisusedError):
        return error.message
    if kind == "NoSuchOption":
        near = ", ".join(sorted(error.possibilities or ()))
        key = "no_such_option" if near else "no_option"
        return said(USAGE, key, language, name=error.option_name, near=near)
    if kind == "MissingParameter" and error.param is not None:
        return said(USAGE, f"missing_{_kind(error.param)}", language, name=_name(error.param))
    if kind == "BadOptionUsage":
        flags = {name for p in error.ctx.command.params if _is_flag(p) for name in p.opts}
        key = "takes_no_value" if error.option_name in flags else "needs_value"
        return said(USAGE, key, language, name=error.option_name)
    if kind == "BadParameter" and error.param is not None and error.param.name in NEEDED:
        name, variable = _name(error.param), error.param.envvar
        if variable and variable in os.environ:
            name = said(USAGE, "from_env", language, name=name, env=variable)
        needed = NEEDED[error.param.name]
        return said(USAGE, "bad_value", language, name=name, needed=needed)
    message = str(error.format_message())
    return said(USAGE, "missing_command", language) if message == "Missing command." else message


@contextmanager
def _knowing(ctx: Any) -> Iterator[None]:
    """Let a usage error know its command; some are raised without."""
    try:
        yield
    except _UsageError as error:
        if error.ctx is None:
            error.ctx = ctx
        raise


def _write_help(command: Any, ctx: Any, formatter: Any) -> None:
    """Write a command's page: usage, what it does, its arguments, options and commands."""
    words = USAGE[spoken()]
    formatter.write(f"{_usage(command, ctx)}\n")
    for paragraph in twin(command.help or "").split("\n\n"):
        filled = textwrap.fill(
            paragraph, formatter.width, initial_indent="  ", subsequent_indent="  "
        )
        formatter.write(f"\n{filled}\n")
    params = command.get_params(ctx)
    for kind, title in (("argument", "arguments"), ("option", "options")):
        rows = [(_left(p), _right(p, ctx)) for p in params if _kind(p) == kind]
        if rows:
            with formatter.section(words[title]):
                formatter.write_dl(rows)
    commands = getattr(command, "commands", {})
    if commands:
        with formatter.section(words["commands"]):
            formatter.write_dl([(name, _summary(sub)) for name, sub in commands.items()])


def _usage(command: Any, ctx: Any) -> str:
    """Return such as ``Usage: imgfit check [OPTIONS] PATH...``."""
    formatter = ctx.make_formatter()
    pieces = [f"[{twin('OPTIONS')}]"]
    for param in command.get_params(ctx):
        if _kind(param) == "argument":
            name = _name(param) + ("..." if param.nargs == -1 else "")
            pieces.append(name if param.required else f"[{name}]")
    if getattr(command, "commands", None):
        pieces.append(f"{twin('COMMAND')} [{twin('ARGUMENTS')}]...")
    formatter.write_usage(_path(ctx), " ".join(pieces), USAGE[spoken()]["usage"])
    return str(formatter.getvalue()).rstrip("\n")


def _path(ctx: Any) -> str:
    """Return the commands that lead to a context, without their arguments."""
    names = []
    while ctx is not None:
        names.append(ctx.info_name or "")
        ctx = ctx.parent
    return " ".join(reversed(names))


def _summary(command: Any) -> str:
    """Return the first paragraph of a command's help."""
    return twin(command.help or "").split("\n\n", maxsplit=1)[0]


def _left(param: Any) -> str:
    """Return the names of an option or argument, and what stands for its value."""
    if _kind(param) == "argument":
        return _name(param)
    names = ", ".join(sorted(param.opts, key=len))
    return names if _is_flag(param) else f"{names} {twin(param.metavar or 'TEXT')}"


def _right(param: Any, ctx: Any) -> str:
    """Return an option's meaning, and what holds if it is not given."""
    language, more = spoken(), []
    text = twin(HELP["help"].en if param.name == "help" else param.help or "")
    if param.envvar:
        more.append(said(USAGE, "env", language, name=param.envvar))
    default = param.get_default(ctx, call=False)
    if default is not None and not _is_flag(param) and not param.required and not param.multiple:
        more.append(said(USAGE, "default", language, value=str(default)))
    if _kind(param) == "option" and param.required:
        more.append(USAGE[language]["required"])
    return f"{text}  [{'; '.join(more)}]" if more else text


def _kind(param: Any) -> str:
    return str(param.param_type_name)


def _name(param: Any) -> str:
    """Return an option's longest name, or what stands for an argument."""
    if _kind(param) == "argument":
        return twin(param.metavar or str(param.name).upper())
    return str(max(param.opts, key=len))


def _is_flag(param: Any) -> bool:
    return bool(getattr(param, "is_flag", False))
