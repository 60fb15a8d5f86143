"""The demo shop's handbook: Markdown files beside this module."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

FOLDER = Path(__file__).parent / "handbook"


@dataclass(frozen=True, slots=True)
class Article:
    """One article: ``name`` is its file's name without ending, ``text`` its Markdown."""

    name: str
    title: str
    text: str

    @property
    def language(self) -> str:
        return "zh-Hans" if self.name.startswith("zh-") else "en"

    @property
    def html(self) -> SafeString:
        # Markup inside Markdown is escaped by this parser: html is off.
        rendered: str = MarkdownIt("commonmark", {"html": False}).enable("table").render(self.text)
        return mark_safe(rendered)  # noqa: S308


@lru_cache(maxsize=1)
def articles() -> tuple[Article, ...]:
    """Return all articles by title."""
    found = []
    for path in FOLDER.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        title = text.partition("\n")[0].removeprefix("# ").strip()
        found.append(Article(path.stem, title, text))
    return tuple(sorted(found, key=lambda article: article.title.casefold()))


def article(name: str) -> Article | None:
    return next((found for found in articles() if found.name == name), None)
