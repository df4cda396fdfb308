"""`biopipe_assertion`: what the text says of mentions and relations: negated, possible, historical
and so on.
"""

from collections.abc import Sequence
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from biopipe.assertion.classifier import AssertionClassifier
from biopipe.assertion.triggers import write_triggers
from biopipe.components.base import Component
from biopipe.components.document import adopt_ents, to_document
from biopipe.document import Document, Predictor

__all__ = ["Assertion", "make_assertion"]

_SAVED = "triggers.tsv"


@Language.factory(
    "biopipe_assertion",
    default_config={"language": "en", "triggers": None, "extend": True},
    assigns=["doc._.mentions", "doc._.relations"],
)
def make_assertion(
    nlp: Language, name: str, language: str, triggers: str | list[str] | None, extend: bool
) -> "Assertion":
    """ConText; `triggers` are files over those of the language, or in their place if `extend` is
    false.

    It belongs after the linker and the relations, whose assertions it sets too.
    """
    return Assertion(name, {"language": language, "triggers": triggers, "extend": extend})


class Assertion(Component):
    """Adds the assertions that `biopipe.assertion.classifier.AssertionClassifier` finds.

    `to_disk` writes the triggers in use, so a saved pipeline works where the user's files are not.
    """

    def open(self, model: Path | None) -> Predictor:
        language = self.config["language"]
        if model is not None:
            return AssertionClassifier(language=language, triggers=model / _SAVED, extend=False)
        return AssertionClassifier(
            language=language, triggers=self.config["triggers"] or (), extend=self.config["extend"]
        )

    def collect(self, doc: Doc) -> Document:
        return adopt_ents(doc, to_document(doc))

    def to_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> None:
        super().to_disk(path, exclude=exclude)
        if "model" not in exclude and isinstance(self.predictor, AssertionClassifier):
            folder = Path(path) / "model"
            folder.mkdir(exist_ok=True)
            write_triggers(self.predictor.triggers, folder / _SAVED)
