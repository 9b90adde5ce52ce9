"""What stands before a caption on its own line: datelines, chat stamps, rubrics, report formulas.

A lead is not taken off: it becomes a window of its own, so that it can be judged, and weighed,
apart from what the caption says. Only the start of a line is looked at, so the time taken does not
depend on the line's length.
"""

from __future__ import annotations

from itertools import islice

import regex

# A lead's letters at most, and a report formula's: it names people and their offices.
_LONGEST_LEAD = 90
_LONGEST_REPORT = 200
# A lead this close to the whole line is the line's subject: "Sosialisasi: Gizi Balita".
_LEAST_REST = 3

# Ends a lead: a dash, bar or colon with space after it, or a closing bracket.
_END = regex.compile(
    r"\s+(?:[-–—|•»]{1,2}|//)\s+|[–—|:]\s+|(?<=[\])])\s+|\s+(?=[–—|]\S)|:(?=\p{Lu})"
)
# Words of a lead: capitalised, in capitals, numbers, times, and small words between names.
_HEADING = regex.compile(
    r"(?:[\s,.:;/|()\[\]*\"“”'\u2019&+–—-]"
    r"|\p{Lu}[\p{L}\p{M}'\u2019]*+"
    r"|\p{N}++(?:st|nd|rd|th)?"
    r"|(?:dan|di|ke|s\.?d\.?|sd|oleh|by|pukul|pkl|tgl|tanggal|hari|lt|no|id|com|net|go|or|sch|co|org|of|the|and)(?!\p{L}))*+",
)
_NUMBER = regex.compile(r"\p{N}")
# How a message to a superior begins, up to its colon.
_REPORT = regex.compile(
    r"\W*(?:(?:kepada|kpd|yth|yang\s+terhormat|yang\s+mulia|mohon|izin|ijin|siap|lapor\w*|melapor\w*|"
    r"dengan\s+hormat|bersama\s+ini|berikut|selamat|assalam\w*|salam|dumohon|nyuwun|with\s+respect|"
    r"dear|reporting)\b)[^\n:]{0,190}:\s*",
    regex.IGNORECASE,
)
_LETTERS = regex.compile(r"\p{L}")
# Two words or more of another script before Latin ones: a greeting, a verse.
_FOREIGN = regex.compile(
    r"[^\p{Latin}\n]*?(?:[\p{Arabic}\p{Javanese}\p{Balinese}\p{Devanagari}\p{Han}][^\p{Latin}\n]*)"
    r"(?=[\p{Latin}])"
)
_LONGEST_FOREIGN = 400
_WORD = regex.compile(r"\p{L}{2,}")


def lead_end(line: str) -> int:
    """Find where the lead of a line ends.

    Args:
        line: A line of clean text.

    Returns:
        Start of the rest; 0 if the line has no lead, or if fewer than three words follow it.
    """
    ends = [_foreign_end(line), _report_end(line), _heading_end(line)]
    return max((end for end in ends if _has_rest(line, end)), default=0)


def _has_rest(line: str, end: int) -> bool:
    """Tell whether enough words follow; looks no further than needed."""
    if end <= 0:
        return False
    words = _WORD.finditer(line, end)
    return sum(1 for _ in islice(words, _LEAST_REST)) == _LEAST_REST


def _foreign_end(line: str) -> int:
    match = _FOREIGN.match(line, 0, _LONGEST_FOREIGN)
    return match.end() if match else 0


def _report_end(line: str) -> int:
    match = _REPORT.match(line, 0, _LONGEST_REPORT)
    return match.end() if match else 0


def _heading_end(line: str) -> int:
    """Return the end of the longest start of a line that holds only words of a heading."""
    found = 0
    for end in _END.finditer(line, 0, _LONGEST_LEAD):
        heading = _HEADING.match(line, 0, end.start())
        if heading is None or heading.end() < end.start():
            break
        if _LETTERS.search(line, 0, end.start()) or _NUMBER.search(line, 0, end.start()):
            found = end.end()
    return found
