"""What all components share: collect Documents from Docs, predict, annotate; and how they are
saved.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, ClassVar

from spacy.pipeline import Pipe
from spacy.tokens import Doc

from biopipe.components.carried import carry_document
from biopipe.components.document import annotate_doc, to_document
from biopipe.components.extensions import install_extensions
from biopipe.components.saving import Uses, check_same, copy_folder, predictor_uses
from biopipe.document import Document, Predictor
from biopipe.errors import ConfigError
from biopipe.runtime.lanes import has_cores, in_lanes

__all__ = ["Component"]

# More Docs in a batch do not make a model faster, and nothing happens beside the first and the last
# batch.
_MOST_AT_ONCE = 64


class Component(Pipe):
    """A predictor in a spaCy pipeline, opened on first use; `config` is what the factory was given.

    `to_disk` writes the configuration, hashes of what the predictor uses and a copy of its model
    folder: it works where the model is not installed. Knowledge bases go by name or path, and hash;
    `to_bytes` has no model. Reading leaves the configuration to spaCy's `config.cfg` and its
    overrides; a model or KB of another hash than the saved one is a ConfigError.
    """

    runs_model: ClassVar[bool] = False
    """Whether the time goes into native code, beside which Python can run."""

    def __init__(self, name: str, config: Mapping[str, Any]) -> None:
        self.name = name
        self.config = dict(config)
        self._predictor: Predictor | None = None
        self._model: Path | None = None
        self._saved: Uses = {}
        install_extensions()

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.name, self.__dict__)

    def open(self, model: Path | None) -> Predictor:
        """The predictor of this configuration, on `model` in place of the configured one if
        given.
        """
        raise NotImplementedError

    def collect(self, doc: Doc) -> Document:
        """What the predictor sees of a Doc."""
        return to_document(doc)

    def annotate(self, doc: Doc, document: Document) -> None:
        """Write what the predictor returned."""
        annotate_doc(doc, document)

    @property
    def predictor(self) -> Predictor:
        """The predictor, opened once; a ConfigError if it is not the one this component was saved
        with.
        """
        if self._predictor is None:
            predictor = self.open(self._model)
            check_same(self.name, self._saved, predictor)
            self._predictor = predictor
        return self._predictor

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the model, once it is open."""
        return tuple(getattr(self._predictor, "labels", ()))

    def __call__(self, doc: Doc) -> Doc:
        """Annotate one Doc; one whose error a handler swallowed comes back as it was."""
        return next(self.pipe([doc]), doc)

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Annotate Docs in batches; where one fails, each Doc alone, and bad ones go to the error
        handler.

        While the model reads a batch, the next one is taken from the stream and the last one is
        annotated.
        """
        docs, size = iter(stream), min(batch_size, _MOST_AT_ONCE)
        first = list(islice(docs, size))
        if len(first) < size:
            yield from self._run(first)
            return
        batches = chain([first], iter(lambda: list(islice(docs, size)), []))
        # One by one is asked for where each Doc is waited for.
        lanes = 1 if self.runs_model and size > 1 and has_cores() else 0
        for batch, documents in in_lanes(
            self._predicted, map(self._collected, batches), lanes=lanes
        ):
            yield from self._run(batch, documents)

    def to_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> None:
        """Write a folder; `exclude=["model"]` leaves the copy of the model out."""
        Path(path).mkdir(parents=True, exist_ok=True)
        (Path(path) / "cfg").write_bytes(self.to_bytes())
        if "model" not in exclude and hasattr(self.predictor, "model_path"):
            copy_folder(self.predictor.model_path, Path(path) / "model")

    def from_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> "Component":
        """Use the model copied to the folder, or else the configured one if it has the same
        hash.
        """
        folder = Path(path).resolve()
        if not (folder / "cfg").is_file():
            raise ConfigError(
                f"There is no cfg in {folder}; '{self.name}' reads what its to_disk wrote."
            )
        self.from_bytes((folder / "cfg").read_bytes())
        if (folder / "model").is_dir() and "model" not in exclude:
            self._model = folder / "model"
        return self

    def to_bytes(self, *, exclude: Sequence[str] = ()) -> bytes:
        """Configuration and hashes as JSON, no model."""
        return json.dumps(
            {"config": self.config, "uses": predictor_uses(self.predictor)}, indent=2
        ).encode()

    def from_bytes(self, data: bytes, *, exclude: Sequence[str] = ()) -> "Component":
        """Use the configured model, which must have the same hash."""
        self._saved = json.loads(data)["uses"]
        self._predictor = self._model = None
        return self

    def _collected(self, docs: list[Doc]) -> tuple[list[Doc], list[Document] | None]:
        """The Docs with what the predictor sees of them; without it, `_run` finds out what is
        wrong.
        """
        try:
            return docs, [self.collect(doc) for doc in docs]
        except Exception:  # `_run` collects again, Doc by Doc
            return docs, None

    def _predicted(
        self, batch: tuple[list[Doc], list[Document] | None]
    ) -> tuple[list[Doc], list[Document] | None]:
        docs, documents = batch
        try:
            return docs, None if documents is None else self.predictor.predict(documents)
        except Exception:  # `_run` asks again, and hands what is wrong to spaCy's error handler
            return docs, None

    def _run(self, docs: list[Doc], documents: list[Document] | None = None) -> list[Doc]:
        """Annotate Docs, with `documents` if the predictor was asked already."""
        try:
            if documents is None:
                documents = self.predictor.predict([self.collect(doc) for doc in docs])
            for doc, document in zip(docs, documents, strict=True):
                self.annotate(doc, document)
                carry_document(doc, document)
            return docs
        except Exception as error:
            if len(docs) > 1:
                return [done for doc in docs for done in self._run([doc])]
            self.get_error_handler()(self.name, self, docs, error)
            return []


def _restore(kind: type[Component], name: str, state: dict[str, Any]) -> Component:
    component = kind(name, state["config"])
    component.__dict__.update(state)
    return component
