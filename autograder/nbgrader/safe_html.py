"""Markdown to HTML without scripts.

Formgrader shows students' cells on the Jupyter server's own origin, where a script could change grades or
open a terminal as the instructor, and even a picture's address is a request in the instructor's name.
nbconvert lets HTML in Markdown through, so its filter is replaced by this one.
"""

from __future__ import annotations

import re
from typing import Any

import bleach
from bleach.css_sanitizer import CSSSanitizer
from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

__all__ = ["clean", "markdown2html"]

_TAGS = frozenset(
    """a abbr b blockquote br caption center code col colgroup dd del details div dl dt em figcaption figure
    h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub summary sup
    table tbody td tfoot th thead tr tt u ul var""".split()  # noqa: SIM905
)
_ATTRIBUTES = {"title", "alt", "width", "height", "align", "colspan", "rowspan", "style", "open"}
# Highlighted code needs these; others, and ids, are what Formgrader's own scripts look for.
_CLASSES = re.compile(r"highlight( hl-\w+)?|anchor-link|language-[\w-]+|\w{1,3}( \w{1,3})*")
_PICTURES = ("data:image/png;base64,", "data:image/jpeg;base64,", "data:image/gif;base64,")
_LINKS = ("http://", "https://", "mailto:")
_CSS = CSSSanitizer(
    allowed_css_properties=["color", "background-color", "text-align", "font-weight", "width", "float"]
)


@pass_context
def markdown2html(context: Any, source: str) -> str:
    """nbconvert's Markdown (with math and attachments), cleaned."""
    cell = context.get("cell", {})
    renderer = IPythonRenderer(
        escape=False, allow_harmful_protocols=False, attachments=cell.get("attachments", {})
    )
    return clean(MarkdownWithMath(renderer=renderer).render(source))


def clean(html: str) -> str:
    """`html` with what can run or load code escaped."""
    cleaned: str = bleach.clean(
        html,
        tags=_TAGS,
        attributes=_allowed,
        protocols={"http", "https", "mailto", "data"},  # data: in pictures only, see _allowed
        css_sanitizer=_CSS,
    )
    return cleaned


def _allowed(tag: str, name: str, value: str) -> bool:
    if tag == "a" and name == "href":
        return value.startswith(_LINKS)
    if tag == "img" and name == "src":
        return value.startswith(_PICTURES)
    if name == "class":
        return _CLASSES.fullmatch(value) is not None
    return name in _ATTRIBUTES
