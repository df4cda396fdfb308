"""`biopipe evaluate`: scores of a pipeline, or of a file of predictions, against gold
annotations.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from biopipe.cli.answer_options import JsonAnswer
from biopipe.cli.bases import named_bases
from biopipe.cli.evaluate_options import (
    EvaluateOptions,
    GoldFiles,
    GoldMentions,
    KbOption,
    LabelsOption,
    PipelineOption,
    Resamples,
    ThresholdsOption,
    document_command,
    linked_predictions,
    predictions,
    split_labels,
    tell_on_stderr,
)
from biopipe.cli.tables import linking_tables, ner_tables, relations_tables, robustness_tables, show

if TYPE_CHECKING:
    from biopipe.document import Document
    from biopipe.evaluate.predict import KnowledgeBases

__all__ = ["app"]

app = typer.Typer(help="Score a pipeline, or a file of predictions, against gold annotations.")


@document_command(app, "ner")
def score_ner_command(
    options: EvaluateOptions, labels: LabelsOption = None, thresholds: ThresholdsOption = None
) -> None:
    """Mentions: strict precision, recall, F1 and calibration error, micro and for each label.

    Example: biopipe evaluate ner --gold dev.pubtator --thresholds 0.95
    """
    # Before the pipeline runs, so that a typing error costs no minutes.
    wanted = _precision(thresholds)
    gold = options.documents()
    # Every mention that the model gives, where thresholds are to be proposed: those it leaves out
    # by its own could not be weighed.
    predicted, _ = predictions(gold, options, stage="ner", every_mention=thresholds is not None)
    scores = _mention_scores(gold, predicted, labels, options.bootstrap)
    if thresholds is not None:
        from biopipe.evaluate.thresholds import propose_thresholds

        scores["thresholds"] = propose_thresholds(
            gold, predicted, labels=split_labels(labels), precision=wanted
        )
    show(scores, options.as_json, ner_tables(scores))


@document_command(app, "linking")
def linking(
    options: EvaluateOptions,
    gold_mentions: GoldMentions = False,
    kb: KbOption = None,
    labels: LabelsOption = None,
) -> None:
    """Concepts: recall at 1, 5 and 20, coverage, NIL; without --gold-mentions also F1 of mention
    and concept.

    Example: biopipe evaluate linking --gold dev.pubtator --gold-mentions
    """
    gold, predicted, used = linked_predictions(
        options, stage="linking", gold_mentions=gold_mentions, kb=kb
    )
    scores = _linking_scores(
        gold, predicted, labels, options.bootstrap, kb=used, end_to_end=not gold_mentions
    )
    show(scores, options.as_json, linking_tables(scores))


@document_command(app, "relations")
def score_relations_command(
    options: EvaluateOptions, gold_mentions: GoldMentions = False, kb: KbOption = None
) -> None:
    """Relations: F1 over unordered pairs of concepts of a document, with type, with novelty, and
    with the end that acts (subject; direction asks for the type too).

    Example: biopipe evaluate relations --gold dev.pubtator --pipeline fast
    """
    gold, predicted, _ = linked_predictions(
        options, stage="relations", gold_mentions=gold_mentions, kb=kb
    )
    scores = _relation_scores(gold, predicted, options.bootstrap)
    show(scores, options.as_json, relations_tables(scores))


@document_command(app, "pipeline")
def pipeline(options: EvaluateOptions, kb: KbOption = None, labels: LabelsOption = None) -> None:
    """All stages end to end: mentions, their concepts, and relations where the gold has any.

    Example: biopipe evaluate pipeline --gold dev.pubtator --json
    """
    gold, predicted, used = linked_predictions(options, stage="relations", kb=kb)
    scores: dict[str, Any] = {"ner": _mention_scores(gold, predicted, labels, options.bootstrap)}
    scores["linking"] = _linking_scores(
        gold, predicted, labels, options.bootstrap, kb=used, end_to_end=True
    )
    tables = {**ner_tables(scores["ner"]), **linking_tables(scores["linking"])}
    # Many corpora have none, and a table of zeros would look like a result.
    if any(document.relations for document in gold):
        scores["relations"] = _relation_scores(gold, predicted, options.bootstrap)
        tables |= relations_tables(scores["relations"])
    show(scores, options.as_json, tables)


@app.command()
def robustness(
    gold: GoldFiles,
    pipeline: PipelineOption = "default",
    kb: KbOption = None,
    labels: LabelsOption = None,
    seed: Annotated[int, typer.Option(help="Of what is drawn at random.")] = 0,
    worst: Annotated[int, typer.Option(min=0, help="Names to list that a change makes miss.")] = 5,
    as_json: JsonAnswer = False,
) -> None:
    """Recall lost where names are others of their type (of --kb, or of the gold), in another case,
    or misspelt.

    Example: biopipe evaluate robustness --gold dev.pubtator --kb default
    """
    from biopipe.document.gold_labels import choose_labels
    from biopipe.evaluate.gold import read_documents
    from biopipe.evaluate.predict import predict
    from biopipe.evaluate.robustness import score_robustness
    from biopipe.evaluate.robustness_names import replacement_names

    # Read before the knowledge base is opened, which takes longer: a wrong path is told at once.
    documents = read_documents(gold, tell=tell_on_stderr)
    scored_labels = choose_labels(documents, split_labels(labels))
    names = replacement_names(
        documents, scored_labels, kb=named_bases(kb) if kb else None, seed=seed
    )
    scores = score_robustness(
        documents,
        lambda texts: predict(texts, stage="ner", pipeline=pipeline).documents,
        {label: sample.texts for label, sample in names.items()},
        labels=scored_labels,
        seed=seed,
        worst=worst,
    )
    scores["names"] = {
        label: {"source": sample.source, "names": len(sample.texts)}
        for label, sample in names.items()
    }
    show(scores, as_json, robustness_tables(scores))


@app.command()
def assertion(
    gold: GoldFiles,
    pipeline: PipelineOption = "default",
    bootstrap: Resamples = 1000,
    as_json: JsonAnswer = False,
) -> None:
    """Assertions of the concepts of sentences: negated, historical, hypothetical, and of others
    than the patient.

    --gold is tab-separated as in the NegEx kit: id, comment, concept, sentence, negation, time,
    person.

    Example: biopipe evaluate assertion --gold negex.tsv
    """
    from biopipe.evaluate.assertion_scores import assert_judged, read_judged, score_assertions

    judged = [concept for path in gold for concept in read_judged(path)]
    scores = score_assertions(judged, assert_judged(judged, pipeline), bootstrap=bootstrap)
    rows = {name: row for name, row in scores.items() if name != "sentences"}
    show(scores, as_json, {f"Assertions in {scores['sentences']} sentences": rows})


@app.command()
def abbreviations(
    gold: GoldFiles, bootstrap: Resamples = 1000, as_json: JsonAnswer = False
) -> None:
    """Abbreviations: pairs of short form and long form, both right to the letter.

    --gold is JSON lines with id, title, text and pairs as [[short, long], ...].

    Example: biopipe evaluate abbreviations --gold pairs.jsonl
    """
    from biopipe.evaluate.abbreviation_scores import read_defined, score_abbreviations
    from biopipe.text.abbreviations import AbbreviationFinder

    defined = [document for path in gold for document in read_defined(path)]
    predicted = AbbreviationFinder().predict([document.document for document in defined])
    scores = score_abbreviations(defined, predicted, bootstrap=bootstrap)
    row = {name: value for name, value in scores.items() if name != "documents"}
    show(scores, as_json, {f"Abbreviations of {scores['documents']} documents": {"pairs": row}})


def _mention_scores(
    gold: "Sequence[Document]", predicted: "Sequence[Document]", labels: str | None, bootstrap: int
) -> dict[str, Any]:
    from biopipe.evaluate.mention_scores import score_ner

    return score_ner(gold, predicted, labels=split_labels(labels), bootstrap=bootstrap)


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


def _linking_scores(
    gold: "Sequence[Document]",
    predicted: "Sequence[Document]",
    labels: str | None,
    bootstrap: int,
    *,
    kb: "KnowledgeBases | None",
    end_to_end: bool,
) -> dict[str, Any]:
    from biopipe.evaluate.end_to_end import score_end_to_end
    from biopipe.evaluate.linking_scores import score_linking
    from biopipe.evaluate.predict import known_concepts

    scored_labels = split_labels(labels)
    known = known_concepts(kb) if kb else None
    scores = score_linking(gold, predicted, known=known, labels=scored_labels, bootstrap=bootstrap)
    if end_to_end:
        scores["end_to_end"] = score_end_to_end(
            gold, predicted, labels=scored_labels, bootstrap=bootstrap
        )
    return scores


def _relation_scores(
    gold: "Sequence[Document]", predicted: "Sequence[Document]", bootstrap: int
) -> dict[str, Any]:
    from biopipe.evaluate.relation_scores import score_relations

    return score_relations(gold, predicted, bootstrap=bootstrap)
