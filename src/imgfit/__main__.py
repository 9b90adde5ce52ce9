"""``python -m imgfit``: the same as the ``imgfit`` command."""

from imgfit.cli import main

main()
