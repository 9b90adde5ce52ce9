"""Makes the pictures of the report in docs/ from examples/drafts and the built-in model.

Run as ``python -m scripts.screenshots``; needs Debian's chromium and chromium-driver, and for
letters and emoji as people see them fonts-noto-core and fonts-noto-color-emoji.
"""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from tests.support.browser import chromium, view

import imgfit

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from imgfit.language import Language

ROOT = Path(__file__).parents[1]
# Name, language, width and height of the window, where to scroll to.
PICTURES: tuple[tuple[str, Language, int, int, str], ...] = (
    ("report-id", "id", 1200, 1900, ""),
    ("report-en", "en", 1200, 1900, ""),
    ("report-phone", "id", 390, 1700, "drafts"),
)


def main() -> None:
    """Write the pictures."""
    os.chdir(ROOT)
    checker = imgfit.Checker.load("mini")
    batch = checker.check_drafts(imgfit.read_drafts("examples/drafts"))
    with tempfile.TemporaryDirectory() as folder, chromium(Path(folder) / "profile") as chrome:
        for name, language, width, height, anchor in PICTURES:
            page = Path(folder) / f"{name}.html"
            page.write_text(
                imgfit.render_html(batch, language=language, name="examples/drafts"), "utf-8"
            )
            view(chrome, width, height)
            chrome.get(page.as_uri() + (f"#{anchor}" if anchor else ""))
            path = ROOT / "docs" / f"{name}.png"
            picture = _picture(chrome)
            # 256 colours with dithering: well under half the size, and the difference is not seen.
            palette = picture.quantize(256)
            picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(
                path, optimize=True
            )
            print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")


def _picture(chrome: Chrome) -> Image.Image:
    """Take a picture once what is in view has been drawn."""
    chrome.execute_async_script(
        "const done = arguments[0];"
        "Promise.all([...document.images].slice(0, 6).map((image) => image.decode()))"
        ".finally(() => requestAnimationFrame(() => requestAnimationFrame(() => done())));"
    )
    return Image.open(io.BytesIO(chrome.get_screenshot_as_png())).convert("RGB")


if __name__ == "__main__":
    main()
