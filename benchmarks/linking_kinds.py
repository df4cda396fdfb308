"""Linking of gold mentions of the kinds that have a strategy of their own: genes, species and
variants.

Genes of BioRED dev with HGNC's human genes, by NCBI Gene id, alone and with the everyday names of
dictionaries/genes, some of which were added after seeing what BioRED dev lacked. Species of the
training parts of Linnaeus and Species-800 with the slim NCBI Taxonomy and dictionaries/species:
nothing is trained on them, but the rules of the species strategy were written looking at them.
Recall@1 is over mentions whose ids the dictionary has; a mention with several ids is right when all
are found and no other; the linker's best candidate counts also where it calls the mention NIL,
unless it is said otherwise. "exact" looks up the mention and its long form, "names" also the names
that the strategy makes, "linker" is the whole linker with the n-grams of the dictionary.

Variants of BioRED dev need no dictionary: the id is the normal form or a dbSNP number. Where the
annotators give a number, the text has it in the mention, elsewhere, or not at all ("number unsaid",
where no form can be right).

    python benchmarks/linking_kinds.py [--data DATA] [--only genes|species|variants]
        [--documents N] [--no-linker] [--train] [--errors]
"""

import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from record import PROJECT, options, record

from biopipe.document import Candidate, Document, Mention
from biopipe.io.codecs.pubtator import read
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.build.sources import hgnc, obo, tsv
from biopipe.kb.schema import Concept
from biopipe.kinds.context import DocumentContext
from biopipe.kinds.kind import EntityKind, names_to_look_up
from biopipe.kinds.registry import ENTITY_KINDS
from biopipe.kinds.variant.concepts import rs_number, variant_concept
from biopipe.linking.composite import split_composite
from biopipe.linking.linker import Linker
from biopipe.linking.surface_forms import SurfaceForms
from biopipe.text.abbreviations import AbbreviationFinder

EVERYDAY = {label: PROJECT / "dictionaries" / label / "names.tsv" for label in ("genes", "species")}
Answer = tuple[tuple[str, ...], tuple[Candidate, ...]]


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--only", choices=["genes", "species", "variants"])
    parser.add_argument("--documents", type=int, help="the first N of each corpus")
    parser.add_argument(
        "--train", action="store_true", help="the training sets that the rules were written with"
    )
    parser.add_argument("--no-linker", action="store_true", help="leave the whole linker out")
    parser.add_argument(
        "--errors", action="store_true", help="print what the strategies link wrongly or not at all"
    )
    arguments = parser.parse_args()
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind, name, corpus, label, concepts in runs(arguments.data, train=arguments.train):
            if arguments.only in (None, kind):
                path = arguments.data / "corpora" / corpus
                documents = list(
                    islice(read(path, on_error=lambda error: None), arguments.documents)
                )
                documents = [only(each, label) for each in AbbreviationFinder().predict(documents)]
                if concepts is None:
                    result[name] = variants(documents, errors=arguments.errors)
                else:
                    kb = build(concepts, Path(folder) / name.replace(" ", "-"))
                    result[name] = linked(
                        documents, label, kb, arguments.no_linker, errors=arguments.errors
                    )
    record("linking_kinds" + ("_train" if arguments.train else ""), result, arguments.results)


def runs(
    data: Path, *, train: bool
) -> Iterator[tuple[str, str, str, str, Iterable[Concept] | None]]:
    genes, taxa = (
        data / "terminologies/hgnc-2017.tsv",
        data / "terminologies/ncbitaxon-slim-2022.obo",
    )
    part = "train" if train else "dev"
    biored = f"biored/{part}.pubtator"
    yield "genes", f"biored {part} Gene with HGNC", biored, "Gene", hgnc.read(genes)
    both = chain(hgnc.read(genes), human(tsv.read(EVERYDAY["genes"])))
    yield "genes", f"biored {part} Gene with HGNC and everyday names", biored, "Gene", both
    if train:
        nlm = "nlm-gene/train.pubtator"
        yield "genes", "nlm-gene train Gene with HGNC", nlm, "Gene", hgnc.read(genes)
    for corpus in ("linnaeus", "species-800"):
        species = typed(chain(obo.read(taxa), tsv.read(EVERYDAY["species"])), "Species")
        yield "species", f"{corpus} train Species", f"{corpus}/train.pubtator", "Species", species
    yield "variants", f"biored {part} Variant", biored, "Variant", None


def human(concepts: Iterable[Concept]) -> Iterator[Concept]:
    return typed(concepts, "Gene", "NCBITaxon:9606")


def typed(concepts: Iterable[Concept], *types: str) -> Iterator[Concept]:
    return (replace(concept, types=types) for concept in concepts)


def build(concepts: Iterable[Concept], directory: Path) -> KnowledgeBase:
    compile_kb(
        concepts,
        directory,
        name=directory.name,
        version="benchmark",
        licence="see its source",
        sources={},
    )
    return KnowledgeBase.open(directory)


def only(document: Document, label: str) -> Document:
    return replace(
        document, mentions=tuple(m for m in document.mentions if m.label == label), relations=()
    )


def linked(
    documents: Sequence[Document], label: str, kb: KnowledgeBase, no_linker: bool, *, errors: bool
) -> dict[str, Any]:
    gold = [(document, mention) for document in documents for mention in document.mentions]
    answers = {
        "exact": [answer for each in documents for answer in looked_up(each, kb, None)],
        "names": [
            answer for each in documents for answer in looked_up(each, kb, ENTITY_KINDS[label])
        ],
    }
    if not no_linker:
        predicted = Linker({label: kb}, encoder=None).predict(documents)
        answers["linker"] = [
            (m.concept_ids, m.candidates) for each in predicted for m in each.mentions
        ]
    if errors:
        show(gold, answers["names"], kb)
    covered = sum(bool(expected(mention, kb)) for _, mention in gold)
    scores = {name: score(gold, given, kb) for name, given in answers.items()}
    return {
        "mentions": len(gold),
        "coverage": ratio(covered, len(gold)),
        "concepts": len(kb),
        **scores,
    }


def looked_up(document: Document, kb: KnowledgeBase, kind: EntityKind | None) -> Iterator[Answer]:
    """The best concept by exact names for each mention, without probabilities."""
    surface_forms, context = SurfaceForms(document), DocumentContext(document)
    for mention in document.mentions:
        surfaces = surface_forms.of(mention)
        found = best(surfaces, kb, kind, context)
        if not found:
            ways = (parts for surface in surfaces for parts in split_composite(surface))
            tried = ([best((part,), kb, kind, context) for part in parts] for parts in ways)
            found_parts: Sequence[Sequence[Candidate]] = next(
                (way for way in tried if all(way)), []
            )
            yield tuple(dict.fromkeys(each[0].concept_id for each in found_parts)), ()
        else:
            yield (found[0].concept_id,), tuple(found)


def best(
    surfaces: Sequence[str], kb: KnowledgeBase, kind: EntityKind | None, context: DocumentContext
) -> Sequence[Candidate]:
    if kind is not None and kind.written_concept is not None:
        for surface in surfaces:
            concept = kind.written_concept(surface, context)
            if concept is not None and concept.concept_id in kb:
                return [concept]
    made = (
        []
        if kind is None
        else [
            name
            for surface in surfaces
            for name in names_to_look_up(
                kind,
                surface,
                () if kind.names_in_text is None else kind.names_in_text(surface, context),
            )
        ]
    )
    return next((found for name in (*surfaces, *made) if (found := kb.lookup(name))), [])


def expected(mention: Mention, kb: KnowledgeBase) -> frozenset[str]:
    """The gold ids as the dictionary's; empty when it has none of them, or not all."""
    return (
        canonical(mention.concept_ids, kb)
        if all(id_ in kb for id_ in mention.concept_ids)
        else frozenset()
    )


def canonical(ids: Iterable[str], kb: KnowledgeBase) -> frozenset[str]:
    return frozenset(kb.canonical(id_) or id_ for id_ in ids)


def score(
    gold: Sequence[tuple[Document, Mention]], answers: Sequence[Answer], kb: KnowledgeBase
) -> dict[str, float]:
    counts: Counter[str] = Counter()
    for (_, mention), (ids, candidates) in zip(gold, answers, strict=True):
        right, got = expected(mention, kb), canonical(ids, kb)
        first = got or canonical([candidate.concept_id for candidate in candidates[:1]], kb)
        counts["covered"] += bool(right)
        counts["right"] += bool(right) and got == right
        counts["first"] += bool(right) and first == right
        counts["near"] += bool(right) and bool(
            right & (got | canonical([c.concept_id for c in candidates[:20]], kb))
        )
        # A mention that the dictionary does not cover cannot be linked rightly: links of it say
        # nothing here.
        counts["linked"] += bool(got) and bool(right)
    return {
        "recall@1": ratio(counts["first"], counts["covered"]),
        "recall@1 above the threshold": ratio(counts["right"], counts["covered"]),
        "recall@20": ratio(counts["near"], counts["covered"]),
        "precision of links of covered mentions": ratio(counts["right"], counts["linked"]),
    }


def show(
    gold: Sequence[tuple[Document, Mention]], answers: Sequence[Answer], kb: KnowledgeBase
) -> None:
    wrong: Counter[tuple[str, ...]] = Counter()
    for (document, mention), (ids, _) in zip(gold, answers, strict=True):
        if (right := expected(mention, kb)) and canonical(ids, kb) != right:
            surface = document.text[mention.start : mention.end]
            wrong[surface, " ".join(sorted(right)), " ".join(ids)] += 1
    print(*("\t".join([str(count), *each]) for each, count in wrong.most_common()), sep="\n")


def variants(documents: Sequence[Document], *, errors: bool) -> dict[str, Any]:
    counts = Counter[str]()
    for document in documents:
        context = DocumentContext(document)
        for mention in document.mentions:
            surface = document.text[mention.start : mention.end]
            concept = variant_concept(surface, context)
            right = (concept.concept_id,) if concept else ()
            line = variant_line(document.text, surface, mention.concept_ids)
            counts[line] += 1
            counts[f"{line} right"] += right == mention.concept_ids
            if errors and right != mention.concept_ids and line != "number unsaid":
                print(document.id, line, surface, mention.concept_ids, right, sep="\t")
    lines = ("form", "number in the mention", "number elsewhere in the text", "number unsaid")
    return {
        line: {"mentions": counts[line], "equal": ratio(counts[f"{line} right"], counts[line])}
        for line in lines
    }


def variant_line(text: str, surface: str, gold: Sequence[str]) -> str:
    number = next(
        (id_.removeprefix("dbSNP:rs") for id_ in gold if id_.startswith("dbSNP:rs")), None
    )
    if rs_number(surface):
        return "number in the mention"
    if number is None:
        return "form"
    said = re.search(rf"(?<!\d){number}(?!\d)", text)
    return "number elsewhere in the text" if said else "number unsaid"


def ratio(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


if __name__ == "__main__":
    main()
