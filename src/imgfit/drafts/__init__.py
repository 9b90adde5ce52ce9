"""Folders, manifests and metadata become `Draft`s: one photo, one caption, one name.

A row or file that cannot be used becomes a draft with an error; none is lost.
"""

from typing import TYPE_CHECKING

from imgfit.lazily import exported

if TYPE_CHECKING:
    from imgfit.drafts.account import (
        DraftList as DraftList,
        PassedOver as PassedOver,
        account_json as account_json,
        account_line as account_line,
    )
    from imgfit.drafts.draft import Draft as Draft
    from imgfit.drafts.parquet import require_pyarrow as require_pyarrow, take_rows as take_rows
    from imgfit.drafts.reading import (
        find_photos as find_photos,
        list_photos as list_photos,
        read_drafts as read_drafts,
    )
    from imgfit.drafts.rows import (
        cells_of_rows as cells_of_rows,
        draft_of_row as draft_of_row,
        find_columns as find_columns,
    )
else:
    __getattr__ = exported(
        __name__,
        {
            "account": ("DraftList", "PassedOver", "account_json", "account_line"),
            "draft": ("Draft",),
            "parquet": ("require_pyarrow", "take_rows"),
            "reading": ("find_photos", "list_photos", "read_drafts"),
            "rows": ("cells_of_rows", "draft_of_row", "find_columns"),
        },
    )
