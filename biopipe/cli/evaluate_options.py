"""EvaluateOptions that the commands of `biopipe evaluate` share, and the documents that they name."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec, get_type_hints

import typer

from biopipe.cli.answer_options import JsonAnswer
from biopipe.cli.bases import named_bases

if TYPE_CHECKING:
    from biopipe.document import Document
    from biopipe.evaluate.predict import KnowledgeBases

__all__ = [
    "EvaluateOptions",
    "GoldFiles",
    "GoldMentions",
    "KbOption",
    "LabelsOption",
    "PipelineOption",
    "Resamples",
    "ThresholdsOption",
    "document_command",
    "linked_predictions",
    "predictions",
    "split_labels",
]

GoldFiles = Annotated[
    list[Path],
    typer.Option(
        "--gold",
        help="Annotated documents: a file in any format, such as PubTator or a JSON export of Label "
        "Studio, or a folder of brat; may be repeated.",
    ),
]
GoldMentions = Annotated[
    bool, typer.Option("--gold-mentions", help="Give the stage the gold's mentions.")
]
KbOption = Annotated[
    list[str] | None,
    typer.Option(
        "--kb", metavar="[LABEL=]DIR", help="Link to this knowledge base; repeat for each label."
    ),
]
LabelsOption = Annotated[
    str | None, typer.Option(help="Mention labels to score, by commas; those of the gold.")
]
PipelineOption = Annotated[str, typer.Option(help="Name or folder of the pipeline.")]
Predicted = Annotated[
    Path | None, typer.Option(help="Score these predictions and run no pipeline.")
]
Resamples = Annotated[
    int, typer.Option("--bootstrap", min=0, help="Resamples for intervals; 0 for none.")
]
ThresholdsOption = Annotated[
    str | None,
    typer.Option(
        metavar="f1|PRECISION",
        help="Propose thresholds for the best F1, or for a precision; the scores are without any.",
    ),
]

OwnOptions = ParamSpec("OwnOptions")


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """The options that all commands over documents share."""

    gold: GoldFiles
    pipeline: PipelineOption = "default"
    predicted: Predicted = None
    bootstrap: Resamples = 1000
    as_json: JsonAnswer = False

    def documents(self) -> "list[Document]":
        """The gold documents."""
        from biopipe.evaluate.gold import read_documents

        return read_documents(self.gold, tell=tell_on_stderr)


def tell_on_stderr(sentence: str) -> None:
    """Write a sentence about the input to stderr, apart from the scores."""
    typer.echo(sentence, err=True)


def document_command(
    app: typer.Typer, name: str
) -> Callable[[Callable[Concatenate[EvaluateOptions, OwnOptions], None]], None]:
    """Registers the command `name` that takes `EvaluateOptions` before the options of its own,
    which follow them in the help.
    """
    # Typer knows no shared options: each command gets a signature that lists them before its own.
    shared = [field.name for field in fields(EvaluateOptions)]

    def register(function: Callable[Concatenate[EvaluateOptions, OwnOptions], None]) -> None:
        def run(**values: Any) -> None:
            options = EvaluateOptions(**{name: values.pop(name) for name in shared})
            function(options, **values)  # type: ignore[call-arg]

        parameters = _parameters(EvaluateOptions) + _parameters(function)
        # Typer reads a command's options off its signature.
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        app.command(name, help=inspect.getdoc(function))(run)

    return register


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    hints = get_type_hints(function, include_extras=True)
    return [
        parameter.replace(annotation=hints[parameter.name], kind=parameter.KEYWORD_ONLY)
        for parameter in inspect.signature(function).parameters.values()
        if parameter.name != "options"
    ]


def predictions(
    gold: "Sequence[Document]",
    options: EvaluateOptions,
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
        return read_documents([options.predicted], tell=tell_on_stderr, gold=False), None
    with Console(stderr=True).status(f"Annotating {len(gold)} documents"):
        prediction = predict(
            gold,
            stage=stage,
            pipeline=options.pipeline,
            gold_mentions=gold_mentions,
            kb=kb,
            every_mention=every_mention,
        )
    return prediction.documents, prediction.kb


def linked_predictions(
    options: EvaluateOptions,
    *,
    stage: str,
    gold_mentions: bool = False,
    kb: Sequence[str] | None = None,
) -> "tuple[list[Document], list[Document], KnowledgeBases | None]":
    """Gold, predictions and their knowledge bases; all ids of a concept that those know are its
    main id.
    """
    from biopipe.evaluate.canonical_ids import with_canonical_ids
    from biopipe.evaluate.predict import canonical_concepts

    gold, bases = options.documents(), named_bases(kb) if kb else None
    predicted, used = predictions(gold, options, stage=stage, gold_mentions=gold_mentions, kb=bases)
    if (linked_to := bases or used) is None:
        return gold, predicted, None
    # Both sides: a gold of OMIM ids and a pipeline of MONDO ids mean the same concepts.
    main = canonical_concepts(linked_to)
    gold = [with_canonical_ids(document, main) for document in gold]
    return gold, [with_canonical_ids(document, main) for document in predicted], linked_to


def split_labels(labels: str | None) -> list[str] | None:
    """Labels between commas; None where there are none."""
    return [label.strip() for label in (labels or "").split(",") if label.strip()] or None
