"""A report as one HTML file that needs nothing beside itself. Pure."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from bot.harmless import visible

_STYLE = """
:root { color-scheme: light dark; --ink: #1f2933; --paper: #fff; --line: #d9dee4; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --paper: #16191d; --line: #3e4c59; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; border-bottom: 1px solid var(--line); }
img { max-width: 100%; height: auto; border-radius: 6px; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top;
  padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); }
@media (max-width: 40rem) { tr, td { display: block; border: 0; padding: 0; } th { display: none; }
  tr { border-bottom: 1px solid var(--line); padding: .4rem 0; } }
"""


@dataclass(frozen=True)
class Chapter:
    """A heading with lines of plain text, a table whose first row is its head, and a PNG with what
    it shows in words."""

    title: str
    lines: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    picture: bytes = b""
    alt: str = ""


def page(title: str, lead: str, chapters: Sequence[Chapter]) -> bytes:
    """The whole file. Every text is escaped here."""
    body = "".join(map(_chapter, chapters))
    head = f"<!doctype html><html lang=en><meta charset=utf-8><title>{_text(title)}</title>"
    view = '<meta name=viewport content="width=device-width, initial-scale=1">'
    top = f"<h1>{_text(title)}</h1><p><strong>{_text(lead)}</strong></p>"
    return f"{head}{view}<style>{_STYLE}</style>{top}{body}</html>\n".encode()


def _chapter(chapter: Chapter) -> str:
    lines = "".join(f"<p>{_text(line)}</p>" for line in chapter.lines)
    picture = ""
    if chapter.picture:
        data = b64encode(chapter.picture).decode()
        picture = f'<img alt="{_text(chapter.alt)}" src="data:image/png;base64,{data}">'
    return f"<h2>{_text(chapter.title)}</h2>{lines}{picture}{_table(chapter.rows)}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    head, *body = rows
    top = "".join(f"<th>{_text(cell)}</th>" for cell in head)
    rest = "".join(f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>" for row in body)
    return f"<table><tr>{top}</tr>{rest}</table>"


def _text(text: str) -> str:
    """As text of the page or of an attribute's value."""
    return escape(visible(text))
