"""``python -m imgfit``: the same as the ``imgfit`` command."""

from imgfit.cli.app import main

main()
