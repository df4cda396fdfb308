"""What all components share: collect Documents from Docs, predict, annotate; and how they are
saved and scored.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar, runtime_checkable

from spacy.pipeline import Pipe
from spacy.tokens import Doc
from spacy.training import Example

from biopipe.components.document import adopt_ents, check_same_text, to_document, update_doc
from biopipe.components.extensions import install_extensions
from biopipe.components.factories import ComponentOptions
from biopipe.components.saving import (
    BASES,
    MODEL,
    Uses,
    check_same,
    copy_bases,
    copy_resources,
    predictor_uses,
    with_copied_bases,
)
from biopipe.components.scoring import score_layers
from biopipe.document import Document, Predictor
from biopipe.errors import ConfigError
from biopipe.runtime.lanes import has_cores, in_lanes

__all__ = ["Component", "PredictorComponent", "only_predicts", "predictor_of"]

OptionsT = TypeVar("OptionsT", bound=ComponentOptions)
ComponentT = TypeVar("ComponentT", bound="Component[Any]")

# More Docs in a batch do not make a model faster, and nothing happens beside the first and the last
# batch.
MOST_DOCS_AT_ONCE = 64


@runtime_checkable
class PredictorComponent(Protocol):
    """A spaCy component that does to a Doc what its predictor does to a Document, and no more."""

    @property
    def predictor(self) -> Predictor:
        """What does the work."""
        ...


class Component(Pipe, Generic[OptionsT]):
    """A predictor in a spaCy pipeline, opened on first use, with the options of its factory.

    `to_disk` writes the options, hashes of what the predictor uses and copies of its model folder
    and of knowledge bases given by folder or installed: it works where these are not. What
    "default" or a recipe makes goes by name and hash; `to_bytes` has no copies. Reading leaves the
    options to spaCy's `config.cfg` and its overrides; a model or KB of another hash than the saved
    one is a ConfigError.
    """

    runs_model: ClassVar[bool] = False
    """Whether the time goes into native code, beside which Python can run."""

    def __init__(self, name: str, options: OptionsT) -> None:
        self.name = name
        self.options = options
        self._predictor: Predictor | None = None
        self._model: Path | None = None
        self._saved: Uses = {}
        self._bases: dict[str, str] = {}
        install_extensions()

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.name, self.__dict__)

    def __repr__(self) -> str:
        labels = f": {', '.join(self.labels)}" if self.labels else ""
        return f"<{type(self).__name__} '{self.name}'{labels}>"

    def open(self, model: Path | None) -> Predictor:
        """The predictor of these options, on the folder `model` in place of the configured one if
        given.
        """
        raise NotImplementedError

    def collect(self, doc: Doc) -> Document:
        """What the predictor sees of a Doc: `doc.ents` too, where it needs mentions and no biopipe
        component before it has looked for any.
        """
        document = to_document(doc)
        info = self.predictor.info
        # The linker takes the entities of any component; a tagger, which looks for itself, must
        # not.
        adopts = "mentions" in info.needs and "mentions" not in info.gives
        return adopt_ents(doc, document) if adopts else document

    def annotate(self, doc: Doc, document: Document) -> None:
        """Write what the predictor returned."""
        info = self.predictor.info
        searched = "mentions" in info.gives and "mentions" not in info.needs
        update_doc(doc, document, spans_key=self.options.spans_key, searched=searched)

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
    def config(self) -> dict[str, Any]:
        """The options as JSON data."""
        return asdict(self.options)

    def settings(self, model: Path | None = None) -> dict[str, Any]:
        """The options that are the predictor's, with `model` for the configured one if given."""
        own = {field.name for field in fields(ComponentOptions)}
        settings = {name: value for name, value in self.config.items() if name not in own}
        if self._bases and BASES in settings:
            # The copies that were saved with the pipeline go before what the names mean on this
            # machine.
            settings[BASES] = with_copied_bases(settings[BASES], self._bases)
        return settings if model is None else settings | {"model": model}

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the predictor, once it is open."""
        return () if self._predictor is None else self._predictor.info.labels

    def score(self, examples: Iterable[Example], **settings: Any) -> dict[str, Any]:
        """Strict scores of what the predictor gives, for `nlp.evaluate`; see
        `biopipe.components.scoring`.
        """
        gives = self.predictor.info.gives
        return score_layers(examples, layers=gives, spans_key=self.options.spans_key)

    def __call__(self, doc: Doc) -> Doc:
        """Annotate one Doc; one whose error a handler swallowed comes back as it was."""
        return next(self.pipe([doc]), doc)

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Annotate Docs in batches; where one fails, each Doc alone, and bad ones go to the error
        handler.

        While the model reads a batch, the next one is taken from the stream and the last one is
        annotated.
        """
        docs, size = iter(stream), min(batch_size, MOST_DOCS_AT_ONCE)
        # A stream of a single batch needs no threads.
        first = list(islice(docs, size))
        if len(first) < size:
            yield from self._run(_Batch(first))
            return
        batches = chain([first], iter(lambda: list(islice(docs, size)), []))
        # One by one is asked for where each Doc is waited for.
        lanes = 1 if self.runs_model and size > 1 and has_cores() else 0
        collected = map(self._collected, batches)
        for batch in in_lanes(self._predicted, collected, lanes=lanes):
            yield from self._run(batch)

    def to_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> None:
        """Write a folder; `exclude=["model"]` leaves the copy of the model out, "kb" in it those of
        knowledge bases.
        """
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        content = json.loads(self.to_bytes())
        if MODEL not in exclude:
            copy_resources(self.predictor, folder)
        if BASES not in exclude and (
            bases := copy_bases(self.config.get(BASES), self._bases, folder)
        ):
            content["bases"] = bases
        (folder / "cfg").write_text(json.dumps(content, indent=2), encoding="utf-8")

    def from_disk(self: ComponentT, path: str | Path, *, exclude: Sequence[str] = ()) -> ComponentT:
        """Use the model and the knowledge bases copied to the folder, or else the configured ones
        if they have the same hash.

        ConfigError where the folder holds no component.
        """
        folder = Path(path).resolve()
        if not (folder / "cfg").is_file():
            raise ConfigError(
                f"There is no cfg in {folder}; '{self.name}' reads what its to_disk wrote."
            )
        self.from_bytes((folder / "cfg").read_bytes())
        if (folder / MODEL).is_dir() and MODEL not in exclude:
            self._model = folder / MODEL
        if BASES not in exclude:
            bases = json.loads((folder / "cfg").read_bytes()).get("bases", {})
            self._bases = {name: str(folder / place) for name, place in bases.items()}
        return self

    def to_bytes(self, *, exclude: Sequence[str] = ()) -> bytes:
        """Options and hashes as JSON, no model."""
        return json.dumps(
            {"config": self.config, "uses": predictor_uses(self.predictor)}, indent=2
        ).encode()

    def from_bytes(self: ComponentT, data: bytes, *, exclude: Sequence[str] = ()) -> ComponentT:
        """Use the configured model, which must have the same hash."""
        self._saved = json.loads(data)["uses"]
        self._predictor = self._model = None
        self._bases = {}
        return self

    def _collected(self, docs: list[Doc]) -> "_Batch":
        try:
            return _Batch(docs, [self.collect(doc) for doc in docs])
        except Exception:  # `_run` collects again, Doc by Doc, and finds out what is wrong
            return _Batch(docs)

    def _predicted(self, batch: "_Batch") -> "_Batch":
        if batch.seen is None:
            return batch
        try:
            return replace(batch, predicted=self.predictor.predict(batch.seen))
        except Exception:  # `_run` asks again, and hands what is wrong to spaCy's error handler
            return _Batch(batch.docs)

    def _run(self, batch: "_Batch") -> list[Doc]:
        """Annotate the Docs of a batch, which may have been predicted already."""
        try:
            seen = batch.seen or [self.collect(doc) for doc in batch.docs]
            documents = batch.predicted or self.predictor.predict(seen)
            for doc, before, document in zip(batch.docs, seen, documents, strict=True):
                # Identity first: comparing long texts that are the same object would be the
                # costlier way.
                if document.text is not before.text:
                    check_same_text(doc, document)
                self.annotate(doc, document)
            return batch.docs
        except Exception as error:
            if len(batch.docs) > 1:
                # Alone each, so that the error handler hears of the bad Doc and the others are
                # annotated.
                return [done for doc in batch.docs for done in self._run(_Batch([doc]))]
            self.get_error_handler()(self.name, self, batch.docs, error)
            return []


@dataclass(frozen=True, slots=True)
class _Batch:
    """Docs, what the predictor sees of them, and what it made of that, as far as it went."""

    docs: list[Doc]
    seen: list[Document] | None = None
    predicted: list[Document] | None = None


# What a subclass that does more to a Doc than its predictor says must have overridden.
_DOC_METHODS = ("__call__", "annotate", "collect", "pipe")


def predictor_of(pipe: object) -> Predictor | None:
    """The predictor of a spaCy component that has one."""
    if isinstance(pipe, PredictorComponent) and isinstance(pipe.predictor, Predictor):
        return pipe.predictor
    return None


def only_predicts(pipe: object) -> bool:
    """Whether its predictor does all that a spaCy component does.

    It does for a Component that collects and annotates as all do, and for any PredictorComponent.
    """
    if isinstance(pipe, Component):
        kind = type(pipe)
        return all(getattr(kind, name) is getattr(Component, name) for name in _DOC_METHODS)
    return predictor_of(pipe) is not None


def _restore(
    kind: type[Component[OptionsT]], name: str, state: dict[str, Any]
) -> Component[OptionsT]:
    component = kind(name, state["options"])
    component.__dict__.update(state)
    return component
