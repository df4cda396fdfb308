"""What texts define short forms as: a mention prior for short forms that a text leaves undefined.

An abstract that writes "RA" without saying what it is means what the others, which say it, mean by
it. Nothing needs to be annotated for that.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from biopipe.document import Document
from biopipe.kb.base import KnowledgeBase
from biopipe.kinds.registry import ENTITY_KINDS
from biopipe.linking.mention_prior import name_key
from biopipe.text.abbreviations import with_abbreviations

__all__ = ["definition_counts"]

# Fewer documents may be of one group of authors, who have short forms of their own.
_LEAST_DOCUMENTS = 5
# A short form of several meanings is left to the weights of its names.
_LEAST_SHARE = 0.75
# Longer ones, such as names of trials, are hardly written without a definition.
_LONGEST = 6
# What stands for long forms that no concept bears; bases have no such id.
_NO_CONCEPT = ""

Definition = tuple[str, str]


def definition_counts(
    documents: Iterable[Document], bases: Mapping[str, KnowledgeBase]
) -> dict[str, dict[str, dict[str, int]]]:
    """Of each label of `bases`, the documents that define a short form as a concept: by label, key
    of the short form and id, as `MentionPrior` has them.

    Kept are short forms of capitals that five documents define, three quarters of them as the same
    concept, which bears the long form in the base of the label.
    """
    definitions: Counter[Definition] = Counter()
    for document in map(with_abbreviations, documents):
        definitions.update(set(_definitions(document)))
    by_label = {label: _meanings(definitions, label, kb) for label, kb in bases.items()}
    return {label: _clear(meanings) for label, meanings in by_label.items()}


def _definitions(document: Document) -> Iterator[Definition]:
    text = document.text
    for a in document.abbreviations or ():
        short = text[a.start : a.end]
        if len(short) <= _LONGEST and sum(map(str.isupper, short)) > 1:
            yield short, " ".join(text[a.long_start : a.long_end].split())


def _meanings(
    definitions: Mapping[Definition, int], label: str, kb: KnowledgeBase
) -> Mapping[str, Counter[str]]:
    """Documents by key of the short form and the concept that bears the long form."""
    kind = ENTITY_KINDS.get(label)
    long_forms = list(dict.fromkeys(long_form for _, long_form in definitions))
    bearers = kb.bearers(long_forms, types=None if kind is None else kind.concept_types)
    meant = {
        long_form: kb.concept_id(of_name[0].concept)
        for long_form, of_name in zip(long_forms, bearers, strict=True)
        if of_name
    }
    meanings: dict[str, Counter[str]] = defaultdict(Counter)
    for (short, long_form), count in definitions.items():
        meanings[name_key(short)][meant.get(long_form, _NO_CONCEPT)] += count
    return meanings


def _clear(meanings: Mapping[str, Counter[str]]) -> dict[str, dict[str, int]]:
    clear = {}
    for key, counts in meanings.items():
        ((concept_id, count),) = counts.most_common(1)
        total = counts.total()
        if concept_id and total >= _LEAST_DOCUMENTS and count >= _LEAST_SHARE * total:
            clear[key] = dict(counts)
    return clear
