"""`biopipe_assertion`: what the text says of mentions and relations: negated, possible, historical
and so on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spacy.language import Language

from biopipe.assertion.classifier import AssertionClassifier
from biopipe.assertion.trigger_files import write_triggers
from biopipe.components.base import Component
from biopipe.components.factories import ComponentOptions, component_factory
from biopipe.components.saving import MODEL
from biopipe.document import Predictor

__all__ = ["AssertionComponent", "AssertionOptions", "make_assertion"]

SAVED_TRIGGERS = "triggers.tsv"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertionOptions(ComponentOptions):
    """`triggers` are files over those of the language, or in their place if `extend` is false."""

    language: str = "en"
    triggers: str | list[str] = field(default_factory=list)
    extend: bool = True


@component_factory(
    "biopipe_assertion",
    AssertionOptions,
    assigns=["doc._.mentions", "doc._.relations", "span._.negated"],
    requires=["doc.ents"],
)
def make_assertion(nlp: Language, name: str, options: AssertionOptions) -> "AssertionComponent":
    """ConText; it belongs after the linker and the relations, whose assertions it sets too."""
    return AssertionComponent(name, options)


class AssertionComponent(Component[AssertionOptions]):
    """Adds the assertions that `biopipe.assertion.classifier.AssertionClassifier` finds.

    `to_disk` writes the triggers in use, so a saved pipeline works where the user's files are not.
    """

    def open(self, model: Path | None) -> Predictor:
        if model is None:
            return AssertionClassifier(**self.settings())
        return AssertionClassifier(
            language=self.options.language, triggers=model / SAVED_TRIGGERS, extend=False
        )

    def to_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> None:
        super().to_disk(path, exclude=exclude)
        if MODEL not in exclude and isinstance(self.predictor, AssertionClassifier):
            folder = Path(path) / MODEL
            folder.mkdir(exist_ok=True)
            # The triggers themselves, not their paths: a saved pipeline has to answer alike on a
            # machine that lacks those files.
            write_triggers(self.predictor.triggers, folder / SAVED_TRIGGERS)
