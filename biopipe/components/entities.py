"""`biopipe_entities`: the entities of other components as mentions, under biopipe's labels."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span

from biopipe.components.base import Component
from biopipe.components.document import ENTS_SOURCE, to_document, update_doc
from biopipe.components.factories import MENTION_ATTRIBUTES, ComponentOptions, component_factory
from biopipe.components.spans import span_key
from biopipe.document import Document, Mention, Predictor
from biopipe.document.plain import KEY
from biopipe.errors import ConfigError
from biopipe.ner.relabel import Relabeller

__all__ = ["EntitiesComponent", "EntitiesOptions", "make_entities"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitiesOptions(ComponentOptions):
    """`labels` are those of `biopipe.ner.relabel.Relabeller`; `spans` is a key of `doc.spans` to
    take in place of `doc.ents`. `assertions` says by which attribute under `span._` another
    component marks what: {"is_negated": "negated"} is medSpaCy's.
    """

    labels: dict[str, str] = field(default_factory=dict)
    spans: str = ""
    assertions: dict[str, str] = field(default_factory=dict)


@component_factory(
    "biopipe_entities", EntitiesOptions, assigns=MENTION_ATTRIBUTES, requires=["doc.ents"]
)
def make_entities(nlp: Language, name: str, options: EntitiesOptions) -> "EntitiesComponent":
    """It belongs behind the components whose entities it takes."""
    return EntitiesComponent(name, options)


class EntitiesComponent(Component[EntitiesOptions]):
    """Adds the entities as mentions; those in `doc.ents` have the new labels there too."""

    def open(self, model: Path | None) -> Predictor:
        return Relabeller(labels=self.options.labels)

    def collect(self, doc: Doc) -> Document:
        document = to_document(doc)
        own = _own_entities(doc)
        taken = [self._mention(span) for span in self._spans(doc) if span_key(span) not in own]
        # In the order of the text, the longer first, as taggers give them.
        mentions = tuple(sorted((*document.mentions, *taken), key=lambda m: (m.start, -m.end)))
        return replace(document, mentions=mentions, concepts=None)

    def annotate(self, doc: Doc, document: Document) -> None:
        own = _own_entities(doc)
        taken = {(mention.start, mention.end) for mention in document.mentions}
        # With their old labels they would keep the mentions out of doc.ents.
        others = [ent for ent in doc.ents if span_key(ent) in own or span_key(ent)[:2] not in taken]
        doc.set_ents(others)
        update_doc(doc, document, spans_key=self.options.spans_key, searched=True)

    def _spans(self, doc: Doc) -> Iterable[Span]:
        if not self.options.spans:
            return doc.ents
        if self.options.spans not in doc.spans:
            raise ConfigError(
                f"'{self.name}' takes doc.spans['{self.options.spans}'], which no component has "
                f"set; there are: {', '.join(doc.spans) or 'none'}."
            )
        group: Iterable[Span] = doc.spans[self.options.spans]
        return group

    def _mention(self, span: Span) -> Mention:
        marked = [
            assertion
            for attribute, assertion in self.options.assertions.items()
            if self._attribute(span, attribute)
        ]
        return Mention(
            start=span.start_char,
            end=span.end_char,
            label=span.label_,
            concept_ids=(span.kb_id_,) if span.kb_id_ else (),
            assertion=frozenset(marked),
            sources=(f"doc.spans[{self.options.spans}]" if self.options.spans else ENTS_SOURCE,),
        )

    def _attribute(self, span: Span, name: str) -> object:
        if not span.has_extension(name):
            raise ConfigError(
                f"'{self.name}' reads span._.{name}, which no component has defined; put it behind "
                "the one that does."
            )
        return span._.get(name)


def _own_entities(doc: Doc) -> set[tuple[Any, ...]]:
    """Keys of the entities that biopipe has set."""
    return {tuple(key) for key in doc.user_data.get(KEY, {}).get("ents", ())}
