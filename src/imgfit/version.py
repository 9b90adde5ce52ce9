"""Which imgfit this is: the one place that asks."""

from importlib.metadata import version

__version__ = version("imgfit")
