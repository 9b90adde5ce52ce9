"""Results for people and programs: rows, tables for notebooks, the HTML page.

Whatever comes from strangers is escaped in one place.
"""

from typing import TYPE_CHECKING

from imgfit.lazily import exported

if TYPE_CHECKING:
    from imgfit.reports.arrow import score_table as score_table
    from imgfit.reports.histogram import histogram_svg as histogram_svg
    from imgfit.reports.notebook import MOST_ROWS as MOST_ROWS, rows_html as rows_html
    from imgfit.reports.page import render_html as render_html
    from imgfit.reports.rows import json_lines as json_lines, write_rows as write_rows
else:
    __getattr__ = exported(
        __name__,
        {
            "arrow": ("score_table",),
            "histogram": ("histogram_svg",),
            "notebook": ("MOST_ROWS", "rows_html"),
            "page": ("render_html",),
            "rows": ("json_lines", "write_rows"),
        },
    )
