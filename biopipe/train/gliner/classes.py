"""Texts with mentions of a great many classes, for models that read the label in words: names of
knowledge bases found in the text, labelled with the names of the concepts above them.

Distant supervision (Mintz et al. 2009): nobody has read these annotations. A name that means
something else here is wrong, and what no knowledge base names is missing, so a recipe gives such a
corpus little trust.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate
from pathlib import Path

from biopipe.document import Document, Mention
from biopipe.errors import ConfigError, InputError, reason
from biopipe.io.codecs import pubtator
from biopipe.kb.default import open_base
from biopipe.ner.dictionary import Dictionary
from biopipe.train.common.passages import draw_passages

__all__ = ["SEPARATOR", "ClassSource", "Naming", "load_naming", "write_classes"]

SEPARATOR = "|"  # between the classes of one mention, in the place of its label


@dataclass(frozen=True, slots=True)
class ClassSource:
    """A knowledge base whose names are looked for.

    Concepts below `branches` are looked for, all without it. Each is of the classes in `always`, of
    those above it by is-a unless `parents` is false, and of each in `classes` whose regular
    expression is found in its preferred name; without any class it is no mention. Preferred names
    in which `leave` is found are left out. With `alone`, a span that an earlier source names is
    left to that one.
    """

    kb: Path | str
    branches: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    parents: bool = True
    classes: tuple[tuple[str, re.Pattern[str]], ...] = ()
    leave: re.Pattern[str] | None = None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Naming:
    """What texts are annotated with: sources, and `patterns` of the text itself, by class.

    A class stays if `fewest` different names of it were found and it is not in `without`.
    """

    sources: tuple[ClassSource, ...]
    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    fewest: int = 5
    without: frozenset[str] = frozenset()


def load_naming(path: Path, folder: Path) -> Naming:
    """Read a JSON of `sources`, `patterns`, `fewest` and `without`; knowledge bases are relative to
    `folder`, and what is not there is the name of one.

    ConfigError for what cannot be read so.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        sources = tuple(
            ClassSource(
                _base(folder, entry["kb"]),
                tuple(entry.get("branches", ())),
                tuple(entry.get("always", ())),
                bool(entry.get("parents", True)),
                _compiled(entry.get("classes", {})),
                re.compile(entry["leave"]) if "leave" in entry else None,
                bool(entry.get("alone", False)),
            )
            for entry in raw["sources"]
        )
        return Naming(
            sources,
            _compiled(raw.get("patterns", {})),
            int(raw.get("fewest", 5)),
            frozenset(raw.get("without", ())),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, re.error) as error:
        raise ConfigError(
            f"Cannot read the classes {path} ({reason(error)}); see docs/gliner.md."
        ) from error


def _compiled(patterns: dict[str, str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((label, re.compile(pattern)) for label, pattern in patterns.items())


def write_classes(
    texts: Sequence[Path],
    naming: Naming,
    output: Path,
    *,
    passages: int,
    characters: int = 1200,
    seed: int = 0,
    log: Callable[[str], None],
) -> int:
    """Annotate about `passages` passages of `texts` (see `draw_passages`).

    Writes a PubTator file in whose mentions the classes stand joined by SEPARATOR; returns the
    number of passages, fewer where the files hold fewer with a mention. InputError where no class
    has enough names.
    """
    drawn = draw_passages(texts, passages, characters=characters, seed=seed)
    annotators = [_Annotator(source) for source in naming.sources]
    annotated = [_annotated(document, annotators, naming) for document in drawn]
    kept = {
        label
        for label, names in _names_by_class(annotated).items()
        if len(names) >= naming.fewest and label not in naming.without
    }
    result = [
        narrowed for document in annotated if (narrowed := _narrowed(document, kept)).mentions
    ]
    if not result:
        raise InputError(
            f"No class has {naming.fewest} different names in {len(drawn)} passages; give more or "
            "other texts."
        )
    _log_counts(result, log)
    pubtator.write(result, output)
    return len(result)


def _names_by_class(documents: Iterable[Document]) -> dict[str, set[str]]:
    """The different names of each class in the texts, in small letters."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for document in documents:
        for mention in document.mentions:
            for label in mention.label.split(SEPARATOR):
                names[label].add(document.text[mention.start : mention.end].lower())
    return names


def _log_counts(documents: Sequence[Document], log: Callable[[str], None]) -> None:
    counts = Counter(
        label
        for document in documents
        for mention in document.mentions
        for label in mention.label.split(SEPARATOR)
    )
    mentions = sum(len(document.mentions) for document in documents)
    log(f"{len(documents)} passages, {mentions} mentions of {len(counts)} classes")
    log(
        "most frequent: " + ", ".join(f"{label} {count}" for label, count in counts.most_common(20))
    )


def _base(folder: Path, name: str) -> Path | str:
    return folder / name if (folder / name).exists() else name


class _Annotator:
    """Finds the names of one source, each mention labelled with its classes."""

    def __init__(self, source: ClassSource) -> None:
        self._kb = open_base(source.kb)
        self.source = source
        self._dictionary = Dictionary(
            self._kb, labels={"": "Concept"}, branches=source.branches or None
        )
        # The way up from a concept is the same at each of its mentions.
        self._classes = cache(self._classes_of)

    def mentions(self, document: Document) -> Iterator[Mention]:
        (named,) = self._dictionary.predict([document])
        for mention in named.mentions:
            if classes := self._classes(mention.concept_ids[0]):
                yield replace(mention, label=SEPARATOR.join(classes), concept_ids=(), candidates=())

    def _classes_of(self, concept_id: str) -> tuple[str, ...]:
        name = self._kb.concept(concept_id).name
        source = self.source
        if source.leave and source.leave.search(name):
            return ()
        labels = list(source.always)
        labels += [label for label, pattern in source.classes if pattern.search(name)]
        if source.parents:
            labels += [
                _as_label(self._kb.concept(ancestor).name) for ancestor in self._above(concept_id)
            ]
        return tuple(dict.fromkeys(labels))

    def _above(self, concept_id: str) -> list[str]:
        """The concepts above one, each once."""
        above: dict[str, None] = {}
        new: Iterable[str] = (concept_id,)
        while new := [
            p
            for concept_id in new
            for p in self._kb.concept(concept_id).parents
            if p in self._kb and p not in above
        ]:
            above.update(dict.fromkeys(new))
        return list(above)


def _as_label(name: str) -> str:
    """A class as one would ask for it: no capital but in short forms, no bar."""
    plain = name.replace(SEPARATOR, " ").replace("_", " ")
    return " ".join(word.lower() if word[1:].islower() else word for word in plain.split())


def _annotated(document: Document, annotators: Sequence[_Annotator], naming: Naming) -> Document:
    """The document with what all sources and patterns find; classes of one span are joined, the
    longest spans stay.
    """
    classes: defaultdict[tuple[int, int], dict[str, None]] = defaultdict(dict)
    for annotator in annotators:
        # What sources before this one have named, before its own mentions are added.
        named = set(classes) if annotator.source.alone else set()
        for mention in annotator.mentions(document):
            if (mention.start, mention.end) in named:
                continue
            classes[mention.start, mention.end].update(
                dict.fromkeys(mention.label.split(SEPARATOR))
            )
    for label, pattern in naming.patterns:
        for match in pattern.finditer(document.text):
            classes[match.span()][label] = None
    spans = sorted(classes, key=lambda span: (span[0], -span[1]))
    # The furthest end so far: a span that goes no further lies inside another.
    ends = [-1, *accumulate((end for _, end in spans), max)]
    longest = [span for span, before in zip(spans, ends, strict=False) if span[1] > before]
    mentions = tuple(Mention(*span, SEPARATOR.join(classes[span])) for span in longest)
    return replace(document, mentions=mentions, concepts=None)


def _narrowed(document: Document, kept: set[str]) -> Document:
    """The document with the classes in `kept` alone."""
    narrowed = (
        replace(m, label=SEPARATOR.join(part for part in m.label.split(SEPARATOR) if part in kept))
        for m in document.mentions
    )
    return replace(document, mentions=tuple(m for m in narrowed if m.label), concepts=None)
