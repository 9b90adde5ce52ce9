"""Bytes in and out of this machine's disks and object stores.

Reads are bounded and stay inside the folder given; writes appear whole or not at all.
"""

from typing import TYPE_CHECKING

from imgfit.lazily import exported

if TYPE_CHECKING:
    from imgfit.files.bounded import (
        OversizeError as OversizeError,
        open_regular as open_regular,
        read_regular as read_regular,
    )
    from imgfit.files.extras import (
        has_clip as has_clip,
        install_command as install_command,
        missing as missing,
        needing as needing,
        require_clip as require_clip,
    )
    from imgfit.files.json_fields import (
        Fields as Fields,
        parse_json as parse_json,
        parse_object as parse_object,
    )
    from imgfit.files.places import (
        cohorts_folder as cohorts_folder,
        embeddings_file as embeddings_file,
        exports_folder as exports_folder,
        models_folder as models_folder,
    )
    from imgfit.files.remote import RemoteFile as RemoteFile, place_of as place_of
    from imgfit.files.texts import read_text as read_text
    from imgfit.files.writing import (
        json_lines as json_lines,
        remove_stale as remove_stale,
        staged_folder as staged_folder,
        write_whole as write_whole,
    )
else:
    __getattr__ = exported(
        __name__,
        {
            "bounded": ("OversizeError", "open_regular", "read_regular"),
            "extras": ("has_clip", "install_command", "missing", "needing", "require_clip"),
            "json_fields": ("Fields", "parse_json", "parse_object"),
            "places": ("cohorts_folder", "embeddings_file", "exports_folder", "models_folder"),
            "remote": ("RemoteFile", "place_of"),
            "texts": ("read_text",),
            "writing": ("json_lines", "remove_stale", "staged_folder", "write_whole"),
        },
    )
