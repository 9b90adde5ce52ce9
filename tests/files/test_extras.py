"""A package that is not installed is named with the extra that brings it."""

from __future__ import annotations

import sys

import pytest

from imgfit.errors import PackageMissingError
from imgfit.files.extras import needing


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with (
        pytest.raises(PackageMissingError, match=r'rows needs pandas.*"\.\[notebook\]"'),
        needing("notebook", "rows"),
    ):
        import pandas as pd  # noqa: F401, PLC0415
    with needing("notebook", "rows"):
        import json  # noqa: F401, PLC0415
