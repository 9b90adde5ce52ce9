"""Hooks of mkdocs: pages that live outside docs/ join the site, and links to source files are kept.

The documents are written to be read in a checkout, so some link to files beside ``docs/``. On the
site those that are pages themselves get a place under ``about/``; links to other files become plain
text, because the site holds no source code.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
# Pages outside docs/, by their place in the repository.
ABOUT = {
    "README.md": "index.md",
    "SECURITY.md": "about/security.md",
    "CHANGELOG.md": "about/changelog.md",
    "models/mini/README.md": "about/model-card.md",
    "benchmarks/README.md": "about/benchmarks.md",
    "training/README.md": "about/training.md",
    "notebooks/README.md": "about/notebooks.md",
}
_SOURCE_OF = {site: source for source, site in ABOUT.items()}
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#\s]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that live outside docs/."""
    for source, site in ABOUT.items():
        text = (ROOT / source).read_text("utf-8")
        files.append(File.generated(config, site, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point links at the places that files have on the site."""
    del config
    here = page.file.src_uri
    in_checkout = _SOURCE_OF.get(here, posixpath.join("docs", here))

    def moved(match: re.Match[str]) -> str:
        picture, words, target, anchor = match.groups()
        if "://" in target or target.startswith("mailto:"):
            return match.group(0)
        place = posixpath.normpath(posixpath.join(posixpath.dirname(in_checkout), target))
        site = ABOUT.get(place) or place.removeprefix("docs/")
        if files.get_file_from_path(site) is None:
            return words  # a source file: the words stay, the link goes
        relative = posixpath.relpath(site, posixpath.dirname(here) or ".")
        return f"{picture}[{words}]({relative}{anchor or ''})"

    return _LINK.sub(moved, markdown)
