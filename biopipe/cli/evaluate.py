"""`biopipe evaluate`: scores of a pipeline, or of a file of predictions, against gold
annotations.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec, get_type_hints

import typer

from biopipe.cli.bases import named_bases
from biopipe.cli.tables import linking_tables, ner_tables, relations_tables, robustness_tables, show

if TYPE_CHECKING:
    from biopipe.document import Document
    from biopipe.evaluate.predict import KnowledgeBases

__all__ = ["app"]

app = typer.Typer(help="Score a pipeline, or a file of predictions, against gold annotations.")

Gold = Annotated[list[Path], typer.Option("--gold", help="Annotated documents; may be repeated.")]
GoldMentions = Annotated[
    bool, typer.Option("--gold-mentions", help="Give the stage the gold's mentions.")
]
Kb = Annotated[
    list[str] | None,
    typer.Option(
        "--kb", metavar="[LABEL=]DIR", help="Link to this knowledge base; repeat for each label."
    ),
]
Labels = Annotated[
    str | None, typer.Option(help="Mention labels to score, by commas; those of the gold.")
]
Pipeline = Annotated[str, typer.Option(help="Name or folder of the pipeline.")]
Predicted = Annotated[
    Path | None, typer.Option(help="Score these predictions and run no pipeline.")
]
Resamples = Annotated[
    int, typer.Option("--bootstrap", min=0, help="Resamples for intervals; 0 for none.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Thresholds = Annotated[
    str | None,
    typer.Option(
        metavar="f1|PRECISION",
        help="Propose thresholds for the best F1, or for a precision; the scores are without any.",
    ),
]

Scores = dict[str, Any]
Own = ParamSpec("Own")


@dataclass(frozen=True, slots=True)
class Options:
    """The options that all commands over documents share."""

    gold: Gold
    pipeline: Pipeline = "default"
    predicted: Predicted = None
    bootstrap: Resamples = 1000
    as_json: Json = False

    def documents(self) -> "list[Document]":
        """The gold documents."""
        from biopipe.evaluate.gold import read_documents

        return read_documents(self.gold)


def command(function: Callable[Concatenate[Options, Own], None]) -> None:
    """Register a command that takes `Options` before the options of its own, which follow them in
    the help.
    """
    shared = [field.name for field in fields(Options)]

    def run(**values: Any) -> None:
        options = Options(**{name: values.pop(name) for name in shared})
        function(options, **values)  # type: ignore[call-arg]

    parameters = [
        parameter
        for each in (Options, function)
        for parameter in inspect.signature(each).parameters.values()
        if parameter.name != "options"
    ]
    hints = {
        **get_type_hints(Options, include_extras=True),
        **get_type_hints(function, include_extras=True),
    }
    parameters = [
        each.replace(annotation=hints[each.name], kind=each.KEYWORD_ONLY) for each in parameters
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    app.command(function.__name__, help=inspect.getdoc(function))(run)


@command
def ner(options: Options, labels: Labels = None, thresholds: Thresholds = None) -> None:
    """Mentions: strict precision, recall, F1 and calibration error, micro and for each label."""
    wanted = _precision(thresholds)
    gold = options.documents()
    found, _ = _predicted(gold, options, stage="ner", every_mention=thresholds is not None)
    scores = _ner(gold, found, labels, options.bootstrap)
    if thresholds is not None:
        from biopipe.evaluate.thresholds import propose_thresholds

        scores["thresholds"] = propose_thresholds(
            gold, found, labels=_split(labels), precision=wanted
        )
    show(scores, options.as_json, ner_tables(scores))


@command
def linking(
    options: Options, gold_mentions: GoldMentions = False, kb: Kb = None, labels: Labels = None
) -> None:
    """Concepts: recall at 1, 5 and 20, coverage, NIL; without --gold-mentions also F1 of mention
    and concept.
    """
    gold, found, used = _linked(options, stage="linking", gold_mentions=gold_mentions, kb=kb)
    scores = _linking(gold, found, labels, options.bootstrap, kb=used, end_to_end=not gold_mentions)
    show(scores, options.as_json, linking_tables(scores))


@command
def relations(options: Options, gold_mentions: GoldMentions = False, kb: Kb = None) -> None:
    """Relations: F1 over unordered pairs of concepts of a document, with type, and with novelty."""
    gold, found, _ = _linked(options, stage="relations", gold_mentions=gold_mentions, kb=kb)
    scores = _relations(gold, found, options.bootstrap)
    show(scores, options.as_json, relations_tables(scores))


@command
def pipeline(options: Options, kb: Kb = None, labels: Labels = None) -> None:
    """All stages end to end: mentions, their concepts, and relations where the gold has any."""
    gold, found, used = _linked(options, stage="relations", kb=kb)
    scores: Scores = {"ner": _ner(gold, found, labels, options.bootstrap)}
    scores["linking"] = _linking(gold, found, labels, options.bootstrap, kb=used, end_to_end=True)
    tables = {**ner_tables(scores["ner"]), **linking_tables(scores["linking"])}
    if any(document.relations for document in gold):
        scores["relations"] = _relations(gold, found, options.bootstrap)
        tables |= relations_tables(scores["relations"])
    show(scores, options.as_json, tables)


@app.command()
def robustness(
    gold: Gold,
    pipeline: Pipeline = "default",
    kb: Kb = None,
    labels: Labels = None,
    seed: Annotated[int, typer.Option(help="Of what is drawn at random.")] = 0,
    worst: Annotated[int, typer.Option(min=0, help="Names to list that a change makes miss.")] = 5,
    as_json: Json = False,
) -> None:
    """Recall lost where names are others of their type (of --kb, or of the gold), in another case,
    or misspelt.
    """
    from biopipe.evaluate.gold import choose_labels, read_documents
    from biopipe.evaluate.predict import predict
    from biopipe.evaluate.robustness import score_robustness
    from biopipe.evaluate.robustness_names import replacement_names

    documents = read_documents(gold)
    chosen = choose_labels(documents, _split(labels))
    names = replacement_names(documents, chosen, kb=named_bases(kb) if kb else None, seed=seed)
    scores = score_robustness(
        documents,
        lambda texts: predict(texts, stage="ner", pipeline=pipeline).documents,
        {label: each.texts for label, each in names.items()},
        labels=chosen,
        seed=seed,
        worst=worst,
    )
    scores["names"] = {
        label: {"source": each.source, "names": len(each.texts)} for label, each in names.items()
    }
    show(scores, as_json, robustness_tables(scores))


@app.command()
def assertion(
    gold: Gold, pipeline: Pipeline = "default", bootstrap: Resamples = 1000, as_json: Json = False
) -> None:
    """Assertions of the concepts of sentences: negated, historical, hypothetical, and of others
    than the patient.

    --gold is tab-separated as in the NegEx kit: id, comment, concept, sentence, negation, time,
    person.
    """
    from biopipe.evaluate.assertion_scores import assert_judged, read_judged, score_assertions

    judged = [each for path in gold for each in read_judged(path)]
    scores = score_assertions(judged, assert_judged(judged, pipeline), bootstrap=bootstrap)
    rows = {name: row for name, row in scores.items() if name != "sentences"}
    show(scores, as_json, {f"Assertions in {scores['sentences']} sentences": rows})


@app.command()
def abbreviations(gold: Gold, bootstrap: Resamples = 1000, as_json: Json = False) -> None:
    """Abbreviations: pairs of short form and long form, both right to the letter.

    --gold is JSON lines with id, title, text and pairs as [[short, long], ...].
    """
    from biopipe.evaluate.abbreviation_scores import read_defined, score_abbreviations
    from biopipe.text.abbreviations import AbbreviationFinder

    defined = [each for path in gold for each in read_defined(path)]
    found = AbbreviationFinder().predict([each.document for each in defined])
    scores = score_abbreviations(defined, found, bootstrap=bootstrap)
    row = {name: value for name, value in scores.items() if name != "documents"}
    show(scores, as_json, {f"Abbreviations of {scores['documents']} documents": {"pairs": row}})


def _predicted(
    gold: "Sequence[Document]",
    options: Options,
    *,
    stage: str,
    gold_mentions: bool = False,
    kb: "KnowledgeBases | None" = None,
    every_mention: bool = False,
) -> "tuple[list[Document], KnowledgeBases | None]":
    """The predictions, and the knowledge bases that they were linked to if they were linked
    here.
    """
    from rich.console import Console

    from biopipe.evaluate.gold import read_documents
    from biopipe.evaluate.predict import predict

    if options.predicted is not None:
        return read_documents([options.predicted]), None
    with Console(stderr=True).status(f"Annotating {len(gold)} documents"):
        found = predict(
            gold,
            stage=stage,
            pipeline=options.pipeline,
            gold_mentions=gold_mentions,
            kb=kb,
            every_mention=every_mention,
        )
    return found.documents, found.kb


def _linked(
    options: Options, *, stage: str, gold_mentions: bool = False, kb: Sequence[str] | None = None
) -> "tuple[list[Document], list[Document], KnowledgeBases | None]":
    """Gold, predictions and their knowledge bases; all ids of a concept that those know are its
    main id.
    """
    from biopipe.evaluate.canonical_ids import with_canonical_ids
    from biopipe.evaluate.predict import canonical_concepts

    gold, bases = options.documents(), named_bases(kb) if kb else None
    found, used = _predicted(gold, options, stage=stage, gold_mentions=gold_mentions, kb=bases)
    if (linked_to := bases or used) is None:
        return gold, found, None
    main = canonical_concepts(linked_to)
    gold = [with_canonical_ids(document, main) for document in gold]
    return gold, [with_canonical_ids(document, main) for document in found], linked_to


def _ner(
    gold: "Sequence[Document]", found: "Sequence[Document]", labels: str | None, bootstrap: int
) -> Scores:
    from biopipe.evaluate.mention_scores import score_ner

    return score_ner(gold, found, labels=_split(labels), bootstrap=bootstrap)


def _precision(thresholds: str | None) -> float | None:
    """The precision that thresholds are wanted for, None for the best F1."""
    from biopipe.errors import ConfigError

    if thresholds in (None, "f1"):
        return None
    try:
        return float(str(thresholds))
    except ValueError:
        raise ConfigError(
            f"--thresholds {thresholds} is neither f1 nor a precision; give one such as 0.95."
        ) from None


def _linking(
    gold: "Sequence[Document]",
    found: "Sequence[Document]",
    labels: str | None,
    bootstrap: int,
    *,
    kb: "KnowledgeBases | None",
    end_to_end: bool,
) -> Scores:
    from biopipe.evaluate.end_to_end import score_end_to_end
    from biopipe.evaluate.linking_scores import score_linking
    from biopipe.evaluate.predict import known_concepts

    chosen = _split(labels)
    known = known_concepts(kb) if kb else None
    scores = score_linking(gold, found, known=known, labels=chosen, bootstrap=bootstrap)
    if end_to_end:
        scores["end_to_end"] = score_end_to_end(gold, found, labels=chosen, bootstrap=bootstrap)
    return scores


def _relations(gold: "Sequence[Document]", found: "Sequence[Document]", bootstrap: int) -> Scores:
    from biopipe.evaluate.relation_scores import score_relations

    return score_relations(gold, found, bootstrap=bootstrap)


def _split(labels: str | None) -> list[str] | None:
    return [label.strip() for label in (labels or "").split(",") if label.strip()] or None
