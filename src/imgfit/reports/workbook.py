"""A batch as an Excel workbook for people: a picture, the user's own columns, the verdict.

XlsxWriter is imported when needed. Every cell is written as text or as a number, never as a formula
or a link.
"""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

from PIL.WebPImagePlugin import WebPImageFile

from imgfit.files import needing
from imgfit.language import or_system
from imgfit.photos import make_thumbnails
from imgfit.printable import page_text
from imgfit.remarks import VERDICTS
from imgfit.reports.words import SHEET

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgfit.language import Language
    from imgfit.photos import Shown
    from imgfit.scoring import Batch, Score

# Excel holds no longer cell.
_MOST_CELL = 32_000
# Widths in characters of the digit 0; a caption gets the widest.
_WIDTHS = {"picture": 17, "id": 24, "verdict": 18, "fit": 11, "caption": 60, "why": 60, "photo": 30}
_OWN_WIDTH = (10, 40)
_SIDE, _ROW_HEIGHT = 112, 88.0
# Rows with a picture; more would make a file that no office opens gladly.
_MOST_PICTURES = 3_000
_BUDGET = 12_000_000
_ENDING = {
    "speaks": "#dff3e4",
    "weak": "#fff3cd",
    "silent": "#fbdcdc",
    "unsure": "#e8e8e8",
    "failed": "#fbdcdc",
}


def workbook_bytes(batch: Batch, language: Language | None = None) -> bytes:
    """Write a batch as a workbook: a row a draft in input order, headings that stay in view.

    Args:
        batch: The scores.
        language: Of headings, verdicts and sentences; the system's if None.

    Returns:
        An ``.xlsx`` file: a column of pictures, the user's own columns, then the draft's name, its
        verdict, fit, reasons and hints or its error, caption and photo.

    Raises:
        PackageMissingError: XlsxWriter is not installed.
    """
    with needing("sheets", "Excel"):
        import xlsxwriter  # noqa: PLC0415 - an extra
    language = or_system(language)
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False, "nan_inf_to_errors": True}  # fmt: skip
    with xlsxwriter.Workbook(out, options) as book:
        _fill(book, batch, language)
    return out.getvalue()


def _fill(book: Any, batch: Batch, language: Language) -> None:
    words = SHEET[language]
    own = list(dict.fromkeys(name for score in batch for name in score.draft.extra))
    keys = ["picture", *own, "id", "verdict", "fit", "why", "caption", "photo"]
    own_at = range(1, 1 + len(own))
    sheet = book.add_worksheet(words["title"])
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    shared = {"text_wrap": True, "valign": "top"}
    plain, share = book.add_format(shared), book.add_format({**shared, "num_format": "0.0%"})
    marked = {verdict: book.add_format({**shared, "bg_color": colour})
              for verdict, colour in _ENDING.items()}  # fmt: skip
    for column, key in enumerate(keys):
        sheet.write_string(0, column, _text(key if column in own_at else words[key]), head)
        width = _own_width(batch, key) if column in own_at else _WIDTHS[key]
        sheet.set_column(column, column, width)
    for row, score in enumerate(batch, 1):
        cells = _cells(score, own, language)
        for column, cell in enumerate(cells, 1):
            verdict = column == 2 + len(own)
            sheet.write_string(
                row, column, _text(cell), marked[score.verdict] if verdict else plain
            )
        if score.fit is not None:
            sheet.write_number(row, 3 + len(own), round(score.fit, 6), share)
    sheet.freeze_panes(1, 0)
    if len(batch):
        sheet.autofilter(0, 0, len(batch), len(keys) - 1)
    _put_pictures(sheet, batch)


def _cells(score: Score, own: Iterable[str], language: Language) -> list[str]:
    remarks = [*score.reasons, *score.hints]
    why = "\n".join(remark.say(language) for remark in remarks)
    if score.error is not None:
        why = score.error.say(language)
    row = score.row()
    carried = [score.draft.extra.get(name, "") for name in own]
    verdict = VERDICTS[language][score.verdict]
    return [*carried, score.draft.id, verdict, "", why, row["caption"] or "", row["photo"] or ""]


def _own_width(batch: Batch, name: str) -> int:
    least, most = _OWN_WIDTH
    longest = max((len(score.draft.extra.get(name, "")) for score in batch), default=0)
    return max(least, min(most, max(longest, len(name)) + 2))


def _put_pictures(sheet: Any, batch: Batch) -> None:
    sources = [score.picture for score in batch][:_MOST_PICTURES]
    for row, shown in enumerate(make_thumbnails(sources, budget=_BUDGET, side=_SIDE), 1):
        if isinstance(shown, str):
            continue
        sheet.set_row(row, _ROW_HEIGHT)
        options = {"image_data": _jpeg(shown), "object_position": 1, "x_offset": 3, "y_offset": 2}
        sheet.insert_image(row, 0, f"{row}.jpg", options)


def _jpeg(shown: Shown) -> io.BytesIO:
    """Turn one of our own copies, which is WebP, to JPEG: older Excel shows no WebP."""
    if isinstance(shown, str):
        raise TypeError(shown)
    data = base64.b64decode(shown.uri.partition(",")[2])
    out = io.BytesIO()
    with WebPImageFile(io.BytesIO(data)) as image:
        image.convert("RGB").save(out, "JPEG", quality=80)
    out.seek(0)
    return out


def _text(text: str) -> str:
    return page_text(text)[:_MOST_CELL]
