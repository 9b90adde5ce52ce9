"""``imgfit check`` and ``imgfit calibrate``: judging drafts, and fitting how strictly."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from imgfit.cli.options import (
    AccountFile,
    CalibrationFile,
    CaptionColumn,
    CaptionOfPhoto,
    Deciding,
    FarFitted,
    Json,
    Labels,
    Manifest,
    Open,
    Paths,
    PhotoColumn,
    Picture,
    Report,
    Root,
    RowsFile,
    Running,
    Second,
    Semicolons,
)
from imgfit.cli.pages import open_page, page_beside
from imgfit.cli.session import require_places, session
from imgfit.cli.tables import print_batch
from imgfit.cli.words import CALIBRATING, TABLE, said
from imgfit.drafts import account_json, account_line, read_drafts, require_pyarrow
from imgfit.files import write_whole
from imgfit.photos import keep_files
from imgfit.printable import plain
from imgfit.reports import histogram_svg, json_lines, render_html, write_rows
from imgfit.scoring import FAR, Thresholds, combine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from imgfit.cli.session import Session
    from imgfit.drafts import Draft, DraftList
    from imgfit.remarks import Remark
    from imgfit.scoring import Batch


def check(
    paths: Paths,
    asked: Deciding,
    caption: CaptionOfPhoto = None,
    second: Second = None,
    output: RowsFile = None,
    report: Report = None,
    show: Open = False,
    json: Json = False,
    root: Root = None,
    photo_column: PhotoColumn = None,
    caption_column: CaptionColumn = None,
    account: AccountFile = None,
    csv_semicolons: Semicolons = False,
) -> None:
    """Check drafts and print them, weakest first."""
    again = report is not None or show or second is not None
    with session(asked) as s, keep_files(until_end=again):
        asked.require_far()
        if show and report is None:
            report = page_beside(paths, s.language)
        require_places(
            (output, ".jsonl", ".csv", ".xlsx", ".parquet"), (report, ".html"), (account, ".json")
        )
        if output is not None and output.suffix.lower() == ".parquet":
            require_pyarrow("Parquet")
        drafts = read_drafts(
            *paths,
            caption=caption,
            root=root,
            photo_column=photo_column,
            caption_column=caption_column,
        )
        batch = _judged(s, drafts, asked, second)
        remarks = (*drafts.notes, *drafts.passed_over)
        written = _written(
            s, batch, output, report, ", ".join(paths), remarks, semicolons=csv_semicolons
        )
        if account is not None:
            with s.keeping_results():
                write_whole(account_json(drafts, s.language), account)
                written.append(said(TABLE, "written", s.language, path=account))
    _tell_account(s, drafts)
    if json:
        sys.stdout.write(json_lines(batch))
        for note in batch.notes:
            s.tell(note.say(s.language))
    else:
        print_batch(batch, s.language)
    for line in written:
        s.tell(line)
    for error in s.failed:
        s.complain(error)
    if show and report is not None and not s.failed:
        open_page(report, s)
    raise typer.Exit(2 if s.failed else 0 if batch.passed else 1)


def _tell_account(s: Session, drafts: DraftList) -> None:
    """Say on stderr how tables were read, and in one line what was passed over."""
    for how in drafts.notes:
        s.tell(how.say(s.language))
    if drafts.passed_over:
        s.tell(account_line(drafts.passed_over, s.language))


def _judged(s: Session, drafts: list[Draft], asked: Deciding, second: str | None) -> Batch:
    """Check drafts with one model, or with two that share the decision."""
    checkers = [s.load()]
    if second is not None:
        checkers.append(s.load(second))
    with s.progress() as progress:
        opinions = [
            checker.check_drafts(drafts, far=asked.far, clean=not asked.no_clean, progress=progress)
            for checker in checkers
        ]
    return combine(*opinions) if second is not None else opinions[0]


def _written(
    s: Session,
    batch: Batch,
    output: Path | None,
    report: Path | None,
    name: str,
    remarks: Sequence[Remark],
    *,
    semicolons: bool,
) -> list[str]:
    """Write the files that are asked for; say which were written."""
    written = []
    if output is not None:
        with s.keeping_results():
            write_rows(batch, output, semicolons=semicolons, language=s.language)
            written.append(said(TABLE, "written", s.language, path=output))
    if report is not None:
        with s.keeping_results(), s.progress() as progress:
            page = render_html(
                batch,
                language=s.language,
                name=name,
                progress=lambda done, total: progress("thumbnails", done, total),
                passed_over=remarks,
            )
            write_whole(page, report)
            written.append(said(TABLE, "reported", s.language, path=report))
    return written


def calibrate(
    path: Manifest,
    asked: Running,
    output: CalibrationFile,
    labels: Labels = None,
    far: FarFitted = FAR,
    picture: Picture = None,
    root: Root = None,
    photo_column: PhotoColumn = None,
    caption_column: CaptionColumn = None,
) -> None:
    """Fit thresholds to drafts and write them as a calibration."""
    with session(asked) as s, keep_files(until_end=False):
        Thresholds.at(far)
        require_places((output, ".json"), (picture, ".svg"))
        drafts = read_drafts(
            path,
            root=root,
            labels=labels,
            photo_column=photo_column,
            caption_column=caption_column,
        )
        checker = s.load()
        with s.progress() as progress:
            run = checker.calibrate(drafts, far=far, progress=progress)
        if picture is not None:
            write_whole(histogram_svg(run.histogram, s.language), picture)
        run.calibration.save(output)
    print(plain("\n".join(run.lines(s.language))))
    if run.left_out:
        s.tell(said(CALIBRATING, "left_out", s.language, count=len(run.left_out)))
    for draft, why in run.left_out:
        s.tell(f"  {draft.id}: {why.say(s.language)}")
    for word, place in (("picture", picture), ("written", output)):
        if place is not None:
            s.tell(said(CALIBRATING, word, s.language, path=place))
