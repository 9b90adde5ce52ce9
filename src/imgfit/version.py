"""Which imgfit this is: the one place that asks, and whether another package stands in our place.

Ours is distributed as ``imgfit-clip``; the import and the command are ``imgfit``. A package called
``imgfit`` on PyPI ("Change your images") is not ours and brings an import of the same name.
"""

from importlib.metadata import PackageNotFoundError, distribution, version

DISTRIBUTION = "imgfit-clip"
_OTHER = "imgfit"
_COMMAND = "imgfit.cli"

__version__ = version(DISTRIBUTION)


def shadowing() -> str | None:
    """Look for another project's package of the name that we are imported by.

    Its files and ours lie in one folder: whichever was installed last has overwritten the other's.

    Returns:
        The version of that package; None if there is none, or if it is ours under its former name.
    """
    try:
        other = distribution(_OTHER)
    except PackageNotFoundError:
        return None
    if _COMMAND in (other.read_text("entry_points.txt") or ""):
        return None
    return other.version
