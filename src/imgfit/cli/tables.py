"""The command's tables and lists on the terminal, and the JSON lines in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.styled import Styled
from rich.table import Table
from rich.text import Text

from imgfit.choosing import CLOSE_MARGIN
from imgfit.cli.words import CHOOSING, MODELS, SOURCES, TABLE, said
from imgfit.files import json_lines
from imgfit.language import fit_percent, percent
from imgfit.printable import plain, shortened
from imgfit.remarks import HEADINGS, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import ConsoleOptions, RenderableType

    from imgfit.choosing import Assignment, Move, Ranked, Ranking
    from imgfit.language import Language
    from imgfit.scoring import Batch, Score

COLOURS = {
    "speaks": "green",
    "weak": "yellow",
    "silent": "red",
    "unsure": "cyan",
    "failed": "bold red",
}

# A long name is folded after one of the first, or before one of the second.
_FOLD_AFTER = "/\\-_"
_FOLD_BEFORE = "."
# A column of text is at least so wide, if its text is: "photo_2026-08" stays whole.
_LEAST = 14
# The most of the terminal's width that names may ask for beside other text.
_NAMES = 0.3


class Prose:
    """Text in a table: lines wrap between words, and a long name in it between its parts.

    Nothing in the text is markup: names and captions come from strangers.
    """

    def __init__(self, text: str, *, share: float = 1.0) -> None:
        """Keep the text.

        Args:
            text: Of any origin; control characters are taken out.
            share: The most of the terminal's width that it may ask for, in (0, 1].
        """
        self._lines = plain(text).split("\n")
        self._share = share

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[Text]:
        for line in self._lines:
            for row in wrapped(line, options.max_width):
                yield Text(row, no_wrap=True)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        most = max(_LEAST, int(console.width * self._share))
        whole = max(1, min(most, max(cell_len(line) for line in self._lines)))
        return Measurement(min(whole, _LEAST), whole).clamp(max_width=options.max_width)


def wrapped(line: str, width: int) -> list[str]:
    """Wrap a line between its words, and a word that is longer than a row between its parts.

    Args:
        line: Without line breaks; rows keep its indent.
        width: Cells of a row, at least 1.

    Returns:
        The rows; all words are in them, in order.
    """
    text = line.lstrip(" ")
    indent = line[: len(line) - len(text)] if len(line) - len(text) < width else ""
    rows: list[str] = []
    for word in text.split(" "):
        if rows and cell_len(f"{rows[-1]} {word}") <= width:
            rows[-1] += f" {word}"
        else:
            rows += [indent + part for part in folded(word, width - len(indent))]
    return rows


def folded(name: str, width: int) -> list[str]:
    """Fold a name between its parts.

    Args:
        name: Without spaces and line breaks.
        width: Cells of a row, at least 1.

    Returns:
        Rows that join to the name. They end after a slash, ``-`` or ``_``, or before a point;
        only a part that is longer than a row is broken inside.
    """
    lines = [""]
    for part in _parts(name):
        if cell_len(lines[-1]) + cell_len(part) > width and lines[-1]:
            lines.append("")
        for character in part:
            if cell_len(lines[-1]) + cell_len(character) > width and lines[-1]:
                lines.append("")
            lines[-1] += character
    return lines


def _parts(name: str) -> list[str]:
    parts = [""]
    for character in name:
        if character in _FOLD_BEFORE and parts[-1]:
            parts.append("")
        parts[-1] += character
        if character in _FOLD_AFTER:
            parts.append("")
    return [part for part in parts if part]


# --- drafts ----------------------------------------------------------------------------------


def print_batch(batch: Batch, language: Language) -> None:
    """Print a batch, weakest first, and under it what the numbers mean.

    Args:
        batch: The scores.
        language: Of the words.
    """
    heads, words = HEADINGS[language], TABLE[language]
    console = Console()
    table = Table(title=words["title"], title_justify="left", show_lines=True)
    table.add_column(heads["draft"])
    table.add_column(heads["verdict"], min_width=_longest_word(language))
    table.add_column(heads["fit"], justify="right", min_width=len(heads["fit"]))
    table.add_column(heads["reason"])
    for score in batch.ranked():
        table.add_row(*_score_cells(score, language))
    console.print(table)
    console.print(Prose(summary(batch, language)))
    meaning = words["meaning"]
    if batch.keeps_rate:
        far = percent(batch.thresholds.far, language)
        meaning += " " + said(TABLE, "rate", language, far=far)
    console.print(Prose(meaning))
    for note in batch.notes:
        console.print(Styled(Prose(note.say(language)), "yellow"))
    console.print(Text(str(batch.signature), style="dim"), soft_wrap=True)


def summary(batch: Batch, language: Language) -> str:
    """Count a batch's verdicts.

    Args:
        batch: The scores.
        language: Of the words.

    Returns:
        Such as "3 drafts: 1 speaks, 0 weak, 1 silent, 0 unsure, 1 failed".
    """
    return said(TABLE, "summary", language, **batch.counts())


def _score_cells(score: Score, language: Language) -> list[RenderableType]:
    if score.error is not None:
        fit, lines = Text("–"), [score.error.say(language)]
    else:
        fit, lines = _fit_cell(score, language), _lines(score, language)
    verdict = Text(VERDICTS[language][score.verdict], style=COLOURS[score.verdict])
    return [_name(score.draft.id, _NAMES), verdict, fit, Prose("\n".join(lines))]


def _fit_cell(score: Score, language: Language) -> Text:
    fit = Text("–" if score.fit is None else fit_percent(score.fit, language))
    if score.probability is not None:
        probability = percent(round(score.probability, 2), language)
        fit.append("\n" + said(TABLE, "probability", language, probability=probability))
    return fit


def _lines(score: Score, language: Language) -> list[str]:
    hint = TABLE[language]["hint"]
    lines = [] if score.passed else [f"“{shortened(score.text or score.draft.caption or '')}”"]
    lines += [reason.say(language) for reason in score.reasons]
    return lines + [f"{hint}: {remark.say(language)}" for remark in score.hints]


def _name(name: str, share: float = 1.0) -> Prose:
    """Return a file's name as one line of a table, whatever its characters are."""
    return Prose(name.replace("\n", "\N{REPLACEMENT CHARACTER}"), share=share)


def _longest_word(language: Language) -> int:
    """Return the cells of the longest word of any verdict: that column folds between words."""
    return max(cell_len(word) for text in VERDICTS[language].values() for word in text.split())


# --- rankings --------------------------------------------------------------------------------


def print_ranking(ranking: Ranking, language: Language, kind: str) -> None:
    """Print candidates, best first, and whether the first leads clearly.

    Args:
        ranking: Of photos or of captions.
        language: Of the words.
        kind: ``"photos"`` or ``"captions"``.
    """
    words, heads, photos = CHOOSING[language], HEADINGS[language], kind == "photos"
    console = Console()
    title = words["title" if photos else "captions_title"]
    table = Table(title=title, title_justify="left", show_lines=not photos)
    table.add_column(words["place"], justify="right", no_wrap=True)
    table.add_column(words["photo" if photos else "caption"])
    table.add_column(heads["verdict"], min_width=_longest_word(language))
    table.add_column(heads["fit"], justify="right", no_wrap=True)
    first: dict[int, int] = {}
    notes = [
        _ranked_note(entry, place, first, language, photos=photos)
        for place, entry in enumerate(ranking, 1)
    ]
    if any(notes):
        table.add_column(words["note"])
    for place, (entry, note) in enumerate(zip(ranking, notes, strict=True), 1):
        cells = _ranked_cells(entry, place, language)
        table.add_row(*cells, *([Prose(note)] if any(notes) else []))
    console.print(table)
    if ranking.best is not None:
        console.print(Prose(_lead(ranking, language, "" if photos else "caption_")))
    console.print(Text(str(ranking.signature), style="dim"), soft_wrap=True)


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


def _ranked_cells(entry: Ranked, place: int, language: Language) -> list[RenderableType]:
    verdict = Text(VERDICTS[language][entry.verdict], style=COLOURS[entry.verdict])
    name = _name(entry.id, 0.6)
    if entry.fit is None:
        return [Text("–"), name, verdict, Text("–")]
    return [Text(str(place)), name, verdict, Text(fit_percent(entry.fit, language))]


def _ranked_note(
    entry: Ranked, place: int, first: dict[int, int], language: Language, *, photos: bool
) -> str:
    """Say why a candidate failed, or which better one it is nearly the same as."""
    if entry.fit is None:
        return entry.error.say(language) if entry.error else ""
    before = first.setdefault(entry.group or 0, place)
    if before == place:
        return ""
    return said(CHOOSING, "copy" if photos else "same_text", language, place=before)


def _lead(ranking: Ranking, language: Language, kind: str) -> str:
    if ranking.margin is None or ranking.runner_up is None:
        return CHOOSING[language][f"{kind}alone"]
    other = shortened(ranking.runner_up.id) if kind else ranking.runner_up.id
    facts = {"margin": ranking.margin, "other": other, "least": CLOSE_MARGIN}
    return said(CHOOSING, kind + ("close" if ranking.close else "leads"), language, **facts)


# --- swaps -----------------------------------------------------------------------------------


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
            console.print(Prose(f"{mark:>4} {_move_line(move, language)}"))
    if not assignment.swaps:
        console.print(Text(words["no_swaps"]))
    console.print(Text(words["better"], style="bold"))
    for move in better:
        console.print(Prose(f"   - {_move_line(move, language)}"))
    if not better:
        console.print(Text(words["no_better"]))
    console.print(Text(words["caution"], style="dim"))
    console.print(Text(str(assignment.signature), style="dim"), soft_wrap=True)


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


def _move_line(move: Move, language: Language) -> str:
    line = said(
        CHOOSING,
        "takes",
        language,
        draft=move.draft_id,
        other=move.source_id,
        now=fit_percent(move.fit_now, language),
        then=fit_percent(move.fit_then, language),
    )
    return plain(line)


# --- models ----------------------------------------------------------------------------------


def print_models(rows: Sequence[Mapping[str, Any]], place: Any, language: Language) -> None:
    """Print models, and under them what their figures measured.

    Args:
        rows: As ``imgfit models list --json`` prints them.
        place: The folder that models are installed in.
        language: Of the words.
    """
    words = MODELS[language]
    table = Table(title=words["title"], title_justify="left", show_lines=True)
    for column in ("name", "here", "licence", "languages", "size", "figure"):
        table.add_column(words[column])
    # A figure's meaning and source are long: they stand under the table, once.
    notes: dict[str, int] = {}
    for row in rows:
        marks = []
        for figure in row["figures"]:
            number = notes.setdefault(_meaning(figure, language), len(notes) + 1)
            marks.append(f"{percent(figure['percent'] / 100, language)} [{number}]")
        cells = (*model_cells(row, language), "\n".join(marks) or "–")
        table.add_row(*(Prose(cell) for cell in cells))
    console = Console()
    console.print(table)
    for meaning, number in notes.items():
        console.print(Prose(f"[{number}] {meaning}"))
    console.print(Prose(words["note"]))
    console.print(Text(plain(said(MODELS, "place", language, place=place))), soft_wrap=True)


def print_model(row: Mapping[str, Any], language: Language) -> None:
    """Print what is known about one model, a line a fact.

    Args:
        row: As ``imgfit models info --json`` prints it.
        language: Of the words.
    """
    words = MODELS[language]
    name, here, licence, languages, size = model_cells(row, language)
    if row["languages"] is not None:
        languages = ", ".join(row["languages"])
    lines = [("name", name), ("here", here), ("licence", licence), ("languages", languages)]
    lines.append(("size", size))
    for figure in row["figures"]:
        share = percent(figure["percent"] / 100, language)
        lines.append(("figure", f"{share}: {_meaning(figure, language)}"))
    if row["here"]:
        keys = ("folder", "source", "revision", "fingerprint")
        lines += [(key, row[key] or words["unknown"]) for key in keys]
        lines.append(("context", said(MODELS, "tokens", language, count=row["context_length"])))
        lines.append(("photo", said(MODELS, "pixels", language, count=row["photo_size"])))
        lines.append(("calibration", words["yes" if row["calibrated"] else "no"]))
    for key, value in lines:
        print(plain(f"{words[key]}: {value}"))


def model_cells(row: Mapping[str, Any], language: Language) -> tuple[str, str, str, str, str]:
    """Return a model's name, where it is, its licence, languages and size, in words.

    Args:
        row: As ``imgfit models list --json`` prints it.
        language: Of the words.

    Returns:
        Texts of any origin, not cleaned yet.
    """
    words = MODELS[language]
    name = row["name"] if row["preset"] is None else f"{row['preset']}: {row['name']}"
    here = "built_in" if row["name"] == "mini" else "yes" if row["here"] else "no"
    size = words["unknown"] if row["megabytes"] is None else f"{row['megabytes']} MB"
    spoken = languages_line(row["languages"], language)
    return name, words[here], row["licence"] or words["unknown"], spoken, size


def languages_line(languages: Any, language: Language) -> str:
    """Name a few languages, or count them.

    Args:
        languages: ISO 639-1 codes; None if nobody knows.
        language: Of the words.

    Returns:
        Such as "en, id" or "25 languages".
    """
    if languages is None:
        return MODELS[language]["unknown"]
    few = 4
    if len(languages) <= few:
        return ", ".join(sorted(languages))
    return said(MODELS, "count", language, count=len(languages))


def _meaning(figure: Mapping[str, Any], language: Language) -> str:
    """Say what a figure measured, on which model if on another one, and whose it is."""
    model = said(MODELS, "of", language, model=figure["model"]) if figure["model"] else ""
    source = figure["source"]
    if language == "id":
        source = SOURCES.get(source, source)
    return f"{MODELS[language][figure['what']]}{model} ({source})"
