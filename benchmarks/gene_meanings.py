"""What annotated texts mean by the names that several human genes bear: PD-1, p21, COX-2.

    python benchmarks/gene_meanings.py > biopipe/kinds/gene/meanings.tsv

Counted are documents of gold corpora in which a mention of the name has one human gene, or its
ortholog in an animal: the train
parts of BioRED, NLM-Gene and GNormPlus, and the corpora of `gold/` that people linked. The dev sets
that figures are reported on are not among them, nor is anything that a program linked, whose errors
come again and again ("p21" as a pseudogene of histone H3). A name is kept where at least four of
five documents, and three or more, of more than one corpus mean the same gene.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from record import options

from biopipe import io
from biopipe.document import Document
from biopipe.kb.default import open_base
from biopipe.text.normalize import normalize_name

CORPORA = ("biored", "nlm-gene", "gnormplus")
GOLD = (
    *("amia18-variants", "bionlp11-id", "bionlp13-cg", "cellfinder", "chemprot", "drugprot-part"),
    *("gutbrainie-expert", "mutation-coreference", "osiris", "pharmgkb-emu", "regel", "seth"),
    *("bc6pm-ppi", "variome"),
)
HELD_OUT = ("biored/dev", "bc5cdr/dev", "ncbi-disease/dev")
HUMAN = "NCBITaxon:9606"
LEAST_DOCUMENTS = 3
LEAST_SHARE = 0.8


def main() -> None:
    arguments = options(__doc__).parse_args()
    kb = open_base("default")
    written: dict[str, Counter[str]] = defaultdict(Counter)
    meant: dict[str, Counter[str]] = defaultdict(Counter)
    sources: dict[str, set[str]] = defaultdict(set)
    orthologs = kb.files.orthologs
    of_animal = {} if orthologs is None else dict(orthologs.pairs())
    for corpus, document in gold(arguments.data):
        genes = {(name, of_animal.get(gene, gene)) for name, gene in links(document)}
        for name, concept_id in genes:
            if concept_id not in kb:  # of yeast, say
                continue
            form = normalize_name(name)
            written[form][name] += 1
            meant[form][concept_id] += 1
            sources[form].add(corpus)
    print("# name, gene, documents that mean it, documents that mean any human gene, corpora")
    print("# made by benchmarks/gene_meanings.py of gold corpora, which says what is counted")
    for form, counts in sorted(meant.items(), key=lambda item: (-item[1].total(), item[0])):
        concept_id, count = counts.most_common(1)[0]
        name = written[form].most_common(1)[0][0]
        bearers = {match.concept_id for match in kb.lookup(name, types=[HUMAN])}
        if (
            count >= LEAST_DOCUMENTS
            and count >= LEAST_SHARE * counts.total()
            and len(sources[form]) > 1
            and len(bearers) > 1
            and concept_id in bearers
        ):
            rows = (name, concept_id, count, counts.total(), " ".join(sorted(sources[form])))
            print(*rows, sep="\t")


def gold(data: Path) -> Iterator[tuple[str, Document]]:
    """Each document once, with its corpus."""
    paths = {name: data / "corpora" / name / "train.pubtator" for name in CORPORA}
    paths |= {name: data / "gold" / f"{name}.pubtator.gz" for name in GOLD}
    seen = {
        document.id
        for name in HELD_OUT
        for document in io.read(data / "corpora" / f"{name}.pubtator", on_error=tell)
    }
    for corpus, path in paths.items():
        for document in io.read(path, on_error=tell):
            if document.id not in seen:
                seen.add(document.id)
                yield corpus, document


def links(document: Document) -> set[tuple[str, str]]:
    """Names of genes with the one gene that each means."""
    return {
        (document.text[mention.start : mention.end], mention.concept_ids[0])
        for mention in document.mentions
        if mention.label == "Gene" and len(mention.concept_ids) == 1
    }


def tell(error: io.RowError) -> None:
    print(f"{error.input}, record {error.row}: {error.error}", file=sys.stderr)


if __name__ == "__main__":
    main()
