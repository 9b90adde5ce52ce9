"""The `imgfit` command: arguments to the API, data to stdout, everything else to stderr.

The only wing that prints, exits, or sets up the process.
"""

from typing import TYPE_CHECKING

from imgfit.lazily import exported

if TYPE_CHECKING:
    from imgfit.cli.app import main as main
else:
    __getattr__ = exported(
        __name__,
        {
            "app": ("main",),
        },
    )
