"""`biopipe train directions`, `statements` and `relabel`: corpora for the relation model."""

from pathlib import Path
from typing import Annotated

import typer

from biopipe.cli.training import PubTatorOutput, Seed, log

__all__ = ["directions", "relabel", "statements"]

Gold = Annotated[Path, typer.Argument(help="PubTator file with gold relations.")]
Table = Annotated[
    Path, typer.Argument(help="Tab-separated pmid, id1, id2, subject, as BioREDirect gives them.")
]
NameCorpora = Annotated[
    list[Path], typer.Argument(help="PubTator files whose mentions give the names.")
]
Relations = Annotated[
    Path, typer.Argument(help="Annotated documents, or sentences with relations as JSONL.")
]
LabelTable = Annotated[
    str, typer.Option("--labels", help="Whose relation labels it has, as in the package's table.")
]
MentionTable = Annotated[
    Path | None,
    typer.Option(
        help="Tab-separated document, label, start, end, start, end, for a corpus that relates "
        "mentions."
    ),
]
OnlyRelated = Annotated[
    bool,
    typer.Option(
        "--related", help="Leave out documents without a relation that has a counterpart."
    ),
]
JsonlOutput = Annotated[Path, typer.Option("-o", "--output", help="The JSONL file to write.")]
Documents = Annotated[int, typer.Option(help="Documents to write, of one to four statements.")]


def directions(gold: Gold, table: Table, output: PubTatorOutput) -> None:
    """Write a gold corpus with the direction lines of its relations.

    Example: biopipe train directions biored/train.pubtator biored/directions.tsv -o train.pubtator
    """
    from biopipe.io.codecs import pubtator
    from biopipe.io.directions import read_directions, with_subjects

    documents = list(with_subjects(pubtator.read(gold), read_directions(table)))
    pubtator.write(documents, output)
    relations = [relation for document in documents for relation in document.relations]
    told = sum(relation.subject is not None for relation in relations)
    log(f"{output}: {told:,} of {len(relations):,} relations have a subject.")


def statements(
    gold: NameCorpora, output: PubTatorOutput, documents: Documents = 400, seed: Seed = 0
) -> None:
    """Write texts of plain statements with their relations, from frames and the names of a corpus.

    Example: biopipe train statements biored/train.pubtator -o statements.pubtator
    """
    from biopipe.io.codecs import pubtator
    from biopipe.train.relations.statements import names_of, statement_documents

    names = names_of(document for path in gold for document in pubtator.read(path))
    written = statement_documents(names, count=documents, seed=seed)
    pubtator.write(written, output)
    log(f"{output}: {sum(len(d.relations) for d in written):,} relations.")


def relabel(
    corpus: Relations,
    output: JsonlOutput,
    labels: LabelTable,
    mention_relations: MentionTable = None,
    related: OnlyRelated = False,
) -> None:
    """Write a corpus with its relations between concepts and under BioRED's labels.

    Example: biopipe train relabel chemprot.pubtator.gz --labels chemprot --mention-relations
    chemprot.tsv.gz -o chemprot.jsonl
    """
    from biopipe.io.codecs import jsonl
    from biopipe.train.relations.examples import UNTOLD
    from biopipe.train.relations.other_corpora import read_related, relabelled

    documents = list(relabelled(read_related(corpus, mention_relations, log), labels))
    if related:
        documents = [d for d in documents if any(r.label != UNTOLD for r in d.relations)]
    jsonl.write(documents, output)
    log(f"{output}: {sum(len(document.relations) for document in documents):,} relations.")
