"""A caption's text: cleaned, cut into windows, and judged for whether it can be pictured.

Pure functions of the text; everything that changes their output has a version.
"""

from typing import TYPE_CHECKING

from imgfit.lazily import exported

if TYPE_CHECKING:
    from imgfit.captions.cleaning import CleanCaption as CleanCaption, clean as clean
    from imgfit.captions.picturable import language_of as language_of, names_only as names_only
    from imgfit.captions.versions import (
        CAPTION_LANGUAGES as CAPTION_LANGUAGES,
        MAX_CHARACTERS as MAX_CHARACTERS,
        PICTURABLE_VERSION as PICTURABLE_VERSION,
        text_versions as text_versions,
    )
    from imgfit.captions.windows import split_windows as split_windows
else:
    __getattr__ = exported(
        __name__,
        {
            "cleaning": ("CleanCaption", "clean"),
            "picturable": ("language_of", "names_only"),
            "versions": (
                "CAPTION_LANGUAGES",
                "MAX_CHARACTERS",
                "PICTURABLE_VERSION",
                "text_versions",
            ),
            "windows": ("split_windows",),
        },
    )
