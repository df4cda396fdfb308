"""spaCy factories of components, and the options that all components have.

The options of a component are the fields of a dataclass: their names, types and defaults stand
there alone, and the signature and the `default_config` that spaCy checks a configuration by are
made from it.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import wraps
from typing import Any, TypeVar, get_type_hints

from spacy.language import Language

from biopipe.components.document import SPANS_KEY

__all__ = ["CONCEPT_ATTRIBUTES", "MENTION_ATTRIBUTES", "ComponentOptions", "component_factory"]

# What nlp.analyze_pipes() calls what a component writes.
MENTION_ATTRIBUTES = (
    "doc.ents",
    "doc.spans",
    "doc._.mentions",
    "span._.score",
    "token.ent_iob",
    "token.ent_type",
)
CONCEPT_ATTRIBUTES = ("span._.kb_ents", "token.ent_kb_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentOptions:
    """Options of every component; `spans_key` is where the mentions go in `doc.spans`.

    A component with options of its own adds fields in a subclass. Values are what JSON can hold.
    """

    spans_key: str = SPANS_KEY


OptionsT = TypeVar("OptionsT", bound=ComponentOptions)
ComponentT = TypeVar("ComponentT")
MakeComponent = Callable[[Language, str, OptionsT], ComponentT]


def component_factory(
    factory: str,
    options: type[OptionsT],
    *,
    assigns: Sequence[str],
    requires: Sequence[str] = (),
) -> Callable[[MakeComponent[OptionsT, ComponentT]], Callable[..., ComponentT]]:
    """Decorator that registers `make(nlp, name, options)` as the spaCy factory named `factory`.

    To spaCy each field of `options` is an option of its own. `assigns` and `requires` are what
    `nlp.analyze_pipes()` reports, such as "doc.ents".
    """

    def register(make: MakeComponent[OptionsT, ComponentT]) -> Callable[..., ComponentT]:
        @wraps(make)
        def make_component(nlp: Language, name: str, **values: Any) -> ComponentT:
            return make(nlp, name, options(**values))

        # mypy knows no such attribute of a function, and inspect reads it.
        make_component.__signature__ = _signature(options)  # type: ignore[attr-defined]
        Language.factory(
            factory,
            default_config=asdict(options()),
            assigns=list(assigns),
            requires=list(requires),
            func=make_component,
        )
        return make_component

    return register


def _signature(options: type[ComponentOptions]) -> inspect.Signature:
    types = {"nlp": Language, "name": str, **get_type_hints(options)}
    return inspect.Signature(
        [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=type_)
            for name, type_ in types.items()
        ]
    )
