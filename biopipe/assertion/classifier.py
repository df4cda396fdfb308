"""ConText: whether a mention is denied, possible, hypothetical, past, or someone else's."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from biopipe.assertion.lexicon import Hit, Lexicon
from biopipe.assertion.relation_evidence import with_assertions
from biopipe.assertion.scopes import Place, in_scope
from biopipe.assertion.sentences import stretches
from biopipe.assertion.triggers import HYPHEN, count_words, load_triggers, lowered, words
from biopipe.document import Document, Mention, Predictor, PredictorInfo, Resource

__all__ = ["AssertionClassifier"]


class AssertionClassifier(Predictor):
    """Sets `Mention.assertion` and, where the document has relations, `Relation.assertion`.

    The values are negated, possible, hypothetical, historical and family (anyone but the patient);
    none of them means that the text states it of the patient, now. Rules and scopes are ConText's
    (Chapman et al. 2007, Harkema et al. 2009); the triggers are those of the language with those of
    `triggers`, a file or several, over them, or these alone if `extend` is false. Time is linear in
    the text.
    """

    def __init__(
        self,
        *,
        language: str = "en",
        triggers: str | Path | Sequence[str | Path] = (),
        extend: bool = True,
    ) -> None:
        files = [triggers] if isinstance(triggers, str | Path) else triggers
        self.triggers = load_triggers(language, files, extend=extend)
        self.lexicon = Lexicon(self.triggers)
        self.model_name = f"assertion triggers ({language})"

    @property
    def model_hash(self) -> str:
        """sha256 over the triggers in use."""
        rows = sorted(
            repr((t.words, t.category, t.direction, t.reach, sorted(t.ends))) for t in self.triggers
        )
        return sha256("\n".join(rows).encode()).hexdigest()

    @property
    def info(self) -> PredictorInfo:
        """Needs mentions."""
        return PredictorInfo(
            name=self.model_name,
            needs=frozenset({"mentions"}),
            gives=frozenset({"assertions"}),
        )

    def resources(self) -> tuple[Resource, ...]:
        """The triggers in use."""
        return (Resource(role="model", name=self.model_name, hash=self.model_hash),)

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with the assertions found in place of those they had."""
        return [with_assertions(document, self._categories(document)) for document in documents]

    def _categories(self, document: Document) -> dict[int, frozenset[str]]:
        """The categories of the mentions that have any, by their indices."""
        by_mention = {}
        for stretch in stretches(document, self.lexicon):
            text = lowered(document.text[stretch.start : stretch.end])
            tokens = words(text)
            if not (stretch.section or self.lexicon.may_assert(tokens)):
                continue
            hits = self.lexicon.find(tokens)
            if stretch.section or any(hit.rule.asserts for hit in hits):
                if HYPHEN in tokens:
                    hits = [hit for hit in hits if not _glued(hit, tokens)]
                places = _places(
                    text, [document.mentions[index] for index in stretch.mentions], stretch.start
                )
                for index, categories in zip(
                    stretch.mentions, in_scope(places, hits, tokens), strict=True
                ):
                    if categories or stretch.section:
                        by_mention[index] = stretch.section | categories
        return by_mention


def _places(text: str, mentions: Sequence[Mention], offset: int) -> list[Place]:
    """First word of each mention and the word after its last; mentions are in order of their
    starts.
    """
    places, at, count = [], 0, 0
    for mention in mentions:
        start = mention.start - offset
        count += count_words(text, at, start)
        at = start
        # A word that the mention starts inside of is the mention's.
        if 0 < start < len(text) and text[start - 1].isalnum() and text[start].isalnum():
            count -= 1
        places.append((count, count + max(1, count_words(text, start, mention.end - offset))))
    return places


def _glued(hit: Hit, tokens: Sequence[str]) -> bool:
    """Whether it is part of a word with hyphens, as in no-reflow and HER2-negative."""
    return (hit.first > 0 and tokens[hit.first - 1] == HYPHEN) or tokens[
        hit.stop : hit.stop + 1
    ] == [HYPHEN]
