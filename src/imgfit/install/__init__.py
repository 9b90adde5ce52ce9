"""Models brought onto this machine: pulled, carried, proved, locked.

The only wing that reaches for the network, and only when asked to.
"""

from typing import TYPE_CHECKING

from imgfit.lazily import exported

if TYPE_CHECKING:
    from imgfit.install.bundles import (
        add_bundle as add_bundle,
        bundle_name as bundle_name,
        installed_bundles as installed_bundles,
        pack_bundle as pack_bundle,
        verify_bundle as verify_bundle,
    )
    from imgfit.install.golden import TOLERANCE as TOLERANCE
    from imgfit.install.lock import LOCK_NAME as LOCK_NAME
    from imgfit.install.pull import pull_model as pull_model
else:
    __getattr__ = exported(
        __name__,
        {
            "bundles": (
                "add_bundle",
                "bundle_name",
                "installed_bundles",
                "pack_bundle",
                "verify_bundle",
            ),
            "golden": ("TOLERANCE",),
            "lock": ("LOCK_NAME",),
            "pull": ("pull_model",),
        },
    )
