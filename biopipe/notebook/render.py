"""A document as HTML: its text with mentions in colour, and its relations as arcs.

All that comes of a document is escaped; the HTML has no script and asks nothing of another host.
"""

import re
import sys
from collections.abc import Sequence
from html import escape
from importlib import import_module
from typing import Any
from urllib.parse import quote

from biopipe.components.document import to_document
from biopipe.document import Candidate, Document, Mention
from biopipe.document.labels import NIL_PREFIX
from biopipe.language.colours import INK, label_colour, marks_of
from biopipe.notebook.arcs import MOST_RELATIONS, draw_relations
from biopipe.notebook.nesting import NestedMention, nest_mentions

__all__ = ["render", "render_html"]

# A variant's id such as p|SUB|V|600|E is the notation itself and has no page.
_CURIE = re.compile(r"[A-Za-z][A-Za-z0-9._]*:[^\s:]+")
_CONCEPT_PAGE = "https://identifiers.org/{}"
_STYLE = f"""<style>
.biopipe-doc {{ font: 15px/2.1 sans-serif; color: {INK}; background: #ffffff; padding: 0.8em; }}
.biopipe-text {{ white-space: pre-wrap; overflow-wrap: anywhere; }}
.biopipe-mention {{ position: relative; border-radius: 0.3em; padding: 0.1em 0.25em; }}
.biopipe-mention > small {{ font-size: 0.66em; font-weight: bold; margin-left: 0.35em; }}
.biopipe-card {{ position: absolute; left: 0; top: 1.6em; z-index: 9; width: max-content;
  max-width: 28em; padding: 0.5em 0.7em; border: 1px solid #8a93a0; border-radius: 0.4em;
  background: #ffffff; font-size: 0.85em; line-height: 1.5; white-space: normal; }}
.biopipe-mention:hover > .biopipe-card, .biopipe-mention:focus > .biopipe-card,
.biopipe-mention:focus-within > .biopipe-card {{ display: block; }}
.biopipe-relations {{ overflow-x: auto; margin-top: 0.8em; }}
.biopipe-note {{ font-size: 0.8em; color: #4f5a68; }}
</style>"""


def render(doc: Any, *, jupyter: bool | None = None) -> Any:
    """A spaCy Doc or a Document as a picture: entities in the colours of their types, with score
    and concepts on hover, signs for what the text says of them, and arcs for relations.

    In a notebook this is a value that shows itself, elsewhere the HTML as a string; `jupyter` says
    which, where it is not to be found out.

        biopipe.render(nlp("Metformin lowers glucose in type 2 diabetes."))
    """
    document = doc if isinstance(doc, Document) else to_document(doc)
    html = render_html(document)
    if not (_in_notebook() if jupyter is None else jupyter):
        return html
    # Imported late: IPython is there only in a notebook, and slow to load elsewhere.
    return import_module("IPython.display").HTML(html)


def render_html(document: Document) -> str:
    """The HTML of `render`: one `div` element with its own style."""
    nested, left_out = nest_mentions(document.mentions)
    text = _text(document, nested, 0, len(document.text))
    notes = []
    if left_out:
        notes.append(f"{left_out} of {len(document.mentions)} mentions cross others: not drawn.")
    if len(document.relations) > MOST_RELATIONS:
        notes.append(
            f"{MOST_RELATIONS} of {len(document.relations)} relations drawn, the best scored."
        )
    arcs = draw_relations(document)
    return (
        f'{_STYLE}<div class="biopipe-doc" dir="auto"><div class="biopipe-text">{text}</div>'
        + (f'<div class="biopipe-relations">{arcs}</div>' if arcs else "")
        + "".join(f'<div class="biopipe-note">{escape(note)}</div>' for note in notes)
        + "</div>"
    )


def _text(document: Document, nodes: Sequence[NestedMention], start: int, end: int) -> str:
    """The text from `start` to `end` with the mentions in it."""
    pieces = []
    for node in nodes:
        pieces.append(escape(document.text[start : node.mention.start]))
        pieces.append(_mention(document, node))
        start = node.mention.end
    return "".join([*pieces, escape(document.text[start:end])])


def _mention(document: Document, node: NestedMention) -> str:
    mention = node.mention
    colour = label_colour(mention.label)
    inner = _text(document, node.inside, mention.start, mention.end)
    marks = marks_of(mention.assertion)
    sign = "".join(f"<b>{escape(mark.sign)} </b>" for mark in marks)
    return (
        f'<span class="biopipe-mention" tabindex="0" style="background:{colour.fill};'
        f'border:1px solid {colour.line};color:{INK}">{sign}{inner}'
        f'<small style="color:{colour.line}">{escape(mention.label)}</small>'
        f"{_card(mention, [mark.words for mark in marks])}</span>"
    )


def _card(mention: Mention, assertions: Sequence[str]) -> str:
    """What is shown on hover; `hidden` also where a page drops the style."""
    names = {candidate.concept_id: candidate for candidate in mention.candidates}
    lines = [f"{escape(mention.label)}, score {mention.score:.2f}"]
    lines += [_concept(concept_id, names.get(concept_id)) for concept_id in mention.concept_ids]
    if not mention.concept_ids:
        lines.append("no concept")
    facts = {
        "asserted": ", ".join(assertions),
        "section": mention.section,
        "short for": mention.long_form,
        "by": ", ".join(mention.sources),
    }
    lines += [f"{name}: {escape(fact)}" for name, fact in facts.items() if fact]
    return f'<span class="biopipe-card" hidden>{"<br>".join(lines)}</span>'


def _concept(concept_id: str, candidate: Candidate | None) -> str:
    told = f" {escape(candidate.name)} ({candidate.score:.2f})" if candidate else ""
    if not _CURIE.fullmatch(concept_id) or concept_id.startswith(NIL_PREFIX):
        return escape(concept_id) + told
    # Quoted, for an id is text of a document or of somebody's base and ends in an address.
    page = _CONCEPT_PAGE.format(quote(concept_id, safe=":"))
    return (
        f'<a href="{escape(page)}" target="_blank" rel="noopener noreferrer">'
        f"{escape(concept_id)}</a>{told}"
    )


def _in_notebook() -> bool:
    """Whether a Jupyter kernel runs this; IPython is not imported to find out."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return hasattr(shell, "kernel")
