"""Tables on the terminal for what was compared: rankings, swaps and better photos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from imgfit.choosing.rankings import CLOSE_MARGIN
from imgfit.cli.words import CHOOSING
from imgfit.files.writing import json_lines
from imgfit.printable import plain
from imgfit.remarks import HEADINGS, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgfit.choosing.rankings import Assignment, Move, Ranked, Ranking
    from imgfit.language import Language

COLOURS = {
    "speaks": "green",
    "weak": "yellow",
    "silent": "red",
    "unsure": "cyan",
    "failed": "bold red",
}


def print_ranking(ranking: Ranking, language: Language) -> None:
    """Print photos, best first, and whether the first leads clearly.

    Args:
        ranking: Of photos.
        language: Of the words.
    """
    words, heads = CHOOSING[language], HEADINGS[language]
    console = Console()
    table = Table(title=words["title"], title_justify="left")
    table.add_column(words["place"], justify="right", no_wrap=True)
    table.add_column(words["photo"], overflow="fold", ratio=5)
    table.add_column(heads["verdict"], no_wrap=True)
    table.add_column(heads["fit"], justify="right", no_wrap=True)
    table.add_column(words["note"], overflow="fold", ratio=4)
    first: dict[int, int] = {}
    for place, entry in enumerate(ranking, 1):
        table.add_row(*_cells(entry, place, first, language))
    console.print(table)
    if ranking.best is not None:
        console.print(Text(plain(_lead(ranking, language))))
    console.print(Text(str(ranking.signature), style="dim"), soft_wrap=True)


def print_swaps(
    assignment: Assignment, suggestions: Mapping[int, Move], language: Language
) -> None:
    """Print which drafts should exchange photos, and which have a better one at hand.

    Args:
        assignment: Of a batch.
        suggestions: Of the same batch; those that a swap already makes are left out.
        language: Of the words.
    """
    words = CHOOSING[language]
    console = Console()
    swapped = {move.draft for swap in assignment.swaps for move in swap.moves}
    better = [move for draft, move in suggestions.items() if draft not in swapped]
    console.print(Text(words["swaps"], style="bold"))
    for number, swap in enumerate(assignment.swaps, 1):
        for place, move in enumerate(swap.moves):
            mark = f"{number}." if place == 0 else ""
            console.print(Text(f"{mark:>4} {_line(move, language)}"))
    if not assignment.swaps:
        console.print(Text(words["no_swaps"]))
    console.print(Text(words["better"], style="bold"))
    for move in better:
        console.print(Text(f"   - {_line(move, language)}"))
    if not better:
        console.print(Text(words["no_better"]))
    console.print(Text(words["caution"], style="dim"))
    console.print(Text(str(assignment.signature), style="dim"), soft_wrap=True)


def ranking_lines(ranking: Ranking) -> str:
    """Return a ranking as JSON, one object a line.

    Args:
        ranking: Any.

    Returns:
        A line a candidate with ``place``; the best one also carries ``margin`` and ``close``.
    """
    rows = []
    for place, entry in enumerate(ranking, 1):
        lead = {"margin": ranking.margin, "close": ranking.close} if place == 1 else {}
        rows.append({"place": place, **entry.row(), **lead, "signature": str(ranking.signature)})
    return json_lines(rows)


def swap_lines(assignment: Assignment, suggestions: Mapping[int, Move]) -> str:
    """Return swaps and better photos as JSON, one object a line.

    Args:
        assignment: Of a batch.
        suggestions: Of the same batch.

    Returns:
        Lines of ``kind`` ``"swap"``, with their ``moves``, then of ``"better_photo"``.
    """
    swaps = [
        {"kind": "swap", "moves": [move.row() for move in swap.moves]} for swap in assignment.swaps
    ]
    better = [{"kind": "better_photo", **move.row()} for move in suggestions.values()]
    signed = ({**row, "signature": str(assignment.signature)} for row in (*swaps, *better))
    return json_lines(signed)


def _cells(entry: Ranked, place: int, first: dict[int, int], language: Language) -> list[Text]:
    # Text, never markup: names come from strangers.
    name = Text(plain(entry.id))
    if entry.fit is None:
        failed = Text(HEADINGS[language]["error"], style="bold red")
        note = plain(entry.error.say(language)) if entry.error else ""
        return [Text("–"), name, failed, Text("–"), Text(note)]
    verdict = Text(VERDICTS[language][entry.verdict], style=COLOURS[entry.verdict])
    before = first.setdefault(entry.group or 0, place)
    note = CHOOSING[language]["copy"].format(place=before) if before != place else ""
    return [Text(str(place)), name, verdict, Text(f"{entry.fit:.1%}"), Text(note)]


def _lead(ranking: Ranking, language: Language) -> str:
    words = CHOOSING[language]
    if ranking.margin is None or ranking.runner_up is None:
        return words["alone"]
    return words["close" if ranking.close else "leads"].format(
        margin=f"{ranking.margin:.1f}", other=ranking.runner_up.id, least=CLOSE_MARGIN
    )


def _line(move: Move, language: Language) -> str:
    return plain(
        CHOOSING[language]["takes"].format(
            draft=move.draft_id,
            other=move.source_id,
            now=f"{move.fit_now:.1%}",
            then=f"{move.fit_then:.1%}",
        )
    )
