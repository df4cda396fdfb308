"""`biopipe evaluate`: scores of a pipeline, or of a file of predictions, against gold documents."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from biopipe.errors import ConfigError

if TYPE_CHECKING:
    from biopipe.evaluate.predict import KnowledgeBases, Prediction
    from biopipe.types import Document

__all__ = ["app"]

app = typer.Typer(help="Score a pipeline, or a file of predictions, against gold annotations.")

Gold = Annotated[list[Path], typer.Option("--gold", help="Annotated documents; may be repeated.")]
GoldMentions = Annotated[bool, typer.Option("--gold-mentions", help="Give the stage the gold's mentions.")]
Kb = Annotated[
    list[str] | None,
    typer.Option("--kb", metavar="[LABEL=]DIR", help="Link to this knowledge base; repeat for each label."),
]
Labels = Annotated[str | None, typer.Option(help="Mention labels to score, by commas; those of the gold.")]
Pipeline = Annotated[str, typer.Option(help="Name or folder of the pipeline.")]
Predicted = Annotated[Path | None, typer.Option(help="Score these predictions and run no pipeline.")]
Resamples = Annotated[int, typer.Option("--bootstrap", min=0, help="Resamples for intervals; 0 for none.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


# Short where a table would not fit a terminal of 80 columns.
_HEADERS = {
    "mentions": "n",
    "coverage": "cov.",
    "recall@1": "R@1",
    "recall@5": "R@5",
    "recall@20": "R@20",
    "accuracy": "acc.",
}


@app.command()
def ner(
    gold: Gold,
    labels: Labels = None,
    pipeline: Pipeline = "default",
    predicted: Predicted = None,
    bootstrap: Resamples = 1000,
    as_json: Json = False,
) -> None:
    """Mentions: strict precision, recall and F1, micro and for each label."""
    from biopipe.evaluate.gold import read_documents
    from biopipe.evaluate.ner import score_ner

    documents = read_documents(gold)
    found = _predicted(documents, predicted, stage="ner", pipeline=pipeline)
    scores = score_ner(documents, found.documents, labels=_split(labels), bootstrap=bootstrap)
    rows = {"micro": scores["micro"], **scores["types"]}
    _show(scores, as_json, {f"Mentions of {scores['documents']} documents": rows})


@app.command()
def linking(
    gold: Gold,
    gold_mentions: GoldMentions = False,
    kb: Kb = None,
    labels: Labels = None,
    pipeline: Pipeline = "default",
    predicted: Predicted = None,
    bootstrap: Resamples = 1000,
    as_json: Json = False,
) -> None:
    """Concepts: recall at 1, 5 and 20, coverage, NIL; without --gold-mentions also F1 of mention and concept."""
    from biopipe.evaluate.end_to_end import score_end_to_end
    from biopipe.evaluate.gold import read_documents
    from biopipe.evaluate.linking import score_linking
    from biopipe.evaluate.predict import known_concepts

    documents, bases, chosen = read_documents(gold), _bases(kb), _split(labels)
    found = _predicted(
        documents, predicted, stage="linking", pipeline=pipeline, gold_mentions=gold_mentions, kb=bases
    )
    linked_to = bases or found.kb
    known = known_concepts(linked_to) if linked_to else None
    scores = score_linking(documents, found.documents, known=known, labels=chosen, bootstrap=bootstrap)
    tables = {"Linking": {"all": scores, **scores["types"]}}
    if not gold_mentions:
        both = score_end_to_end(documents, found.documents, labels=chosen, bootstrap=bootstrap)
        scores["end_to_end"] = both
        tables["Mention and concept"] = {
            "strict": both["strict"],
            "lenient": both["lenient"],
            **both["types"],
        }
    _show(scores, as_json, tables)


@app.command()
def relations(
    gold: Gold,
    gold_mentions: GoldMentions = False,
    kb: Kb = None,
    pipeline: Pipeline = "default",
    predicted: Predicted = None,
    bootstrap: Resamples = 1000,
    as_json: Json = False,
) -> None:
    """Relations: F1 over unordered pairs of concepts of a document, with type, and with novelty."""
    from biopipe.evaluate.gold import read_documents
    from biopipe.evaluate.relations import score_relations

    documents = read_documents(gold)
    found = _predicted(
        documents, predicted, stage="relations", pipeline=pipeline, gold_mentions=gold_mentions, kb=_bases(kb)
    )
    scores = score_relations(documents, found.documents, bootstrap=bootstrap)
    rows = {name: scores[name] for name in ("pair", "type", "novelty") if scores[name]}
    _show(scores, as_json, {f"Relations of {scores['documents']} documents": {**rows, **scores["types"]}})


def _predicted(
    gold: "Sequence[Document]",
    predicted: Path | None,
    *,
    stage: str,
    pipeline: str,
    gold_mentions: bool = False,
    kb: "KnowledgeBases | None" = None,
) -> "Prediction":
    from rich.console import Console

    from biopipe.evaluate.gold import read_documents
    from biopipe.evaluate.predict import Prediction, predict

    if predicted is not None:
        return Prediction(read_documents([predicted]), None)
    with Console(stderr=True).status(f"Annotating {len(gold)} documents"):
        return predict(gold, stage=stage, pipeline=pipeline, gold_mentions=gold_mentions, kb=kb)


def _split(labels: str | None) -> list[str] | None:
    return [label.strip() for label in (labels or "").split(",") if label.strip()] or None


def _bases(kb: Sequence[str] | None) -> "KnowledgeBases | None":
    """DIR, or LABEL=DIR for each label."""
    if not kb:
        return None
    named = [re.fullmatch(r"([A-Za-z]\w*)=(.+)", each) for each in kb]
    if len(kb) == 1 and named[0] is None:
        return kb[0]
    bases = {match[1]: match[2] for match in named if match is not None}
    if len(bases) < len(kb):
        raise ConfigError(
            f"--kb {' '.join(kb)} does not say which knowledge base serves what; give one DIR for all labels "
            "or one LABEL=DIR for each label."
        )
    return bases


def _show(scores: dict[str, Any], as_json: bool, tables: dict[str, dict[str, dict[str, Any]]]) -> None:
    from rich.console import Console
    from rich.table import Table

    if as_json:
        typer.echo(json.dumps(scores, indent=2))
        return
    for title, rows in tables.items():
        columns = [name for name in next(iter(rows.values())) if name not in ("types", "end_to_end")]
        table = Table("", title=title, title_justify="left", box=None, padding=(0, 0, 0, 2))
        for column in columns:
            table.add_column(_HEADERS.get(column, column), justify="right")
        for name, row in rows.items():
            table.add_row(name, *(_cell(row.get(column)) for column in columns))
        Console().print(table)


def _cell(value: Any) -> str:
    """Shares in percent, counts as they are, intervals as a range, NIL scores by their F1."""
    if isinstance(value, list):
        return f"{100 * value[0]:.1f}–{100 * value[1]:.1f}"
    if isinstance(value, dict):
        return _cell(value["f1"])
    if isinstance(value, float):
        return f"{100 * value:.1f}"
    return "" if value is None else str(value)
