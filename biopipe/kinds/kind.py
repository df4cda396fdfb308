"""What a kind of entity knows of its names: a record of functions and settings for one label."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from biopipe.document import Candidate
from biopipe.kinds.context import DocumentContext

__all__ = ["DrugInduced", "EntityKind", "NameForm", "names_to_look_up"]


@dataclass(frozen=True, slots=True)
class NameForm:
    """How the names of a kind are written, which decides where similar spellings tell something.

    `codes`: names are short codes (BRCA1, 5-FU), where another code of nearly the same letters is
    another concept. `other_names_are_words`: what `EntityKind.other_names` gives are words, alike
    in spelling and meaning to the mention. `first_may_be_plainer`: the first of them may be the
    mention with fewer words, which then is compared with names beside the mention itself.
    """

    codes: bool = False
    other_names_are_words: bool = False
    first_may_be_plainer: bool = False


class DrugInduced(NamedTuple):
    """Names of a disease that a chemical brought about, the most telling first. `agent`: the word
    for what did, where the document does not say whether it is a chemical; else "".
    """

    names: tuple[str, ...]
    agent: str


@dataclass(frozen=True, slots=True)
class EntityKind:
    """One kind of entity; every function is optional, plain string work, and knows no base.

    `concept_types`: the types of concepts that a mention may mean, the likeliest first.
    `other_names(surface)`: further names to look up where no surface form of the mention is a name,
    the likeliest first, without `surface`.
    `spelled_out(surface, context)`: what the document lets a mention mean that by itself means
    something else; it tells more than the mention.
    `drug_induced(surface, before, context)`: the names of a disease as one that drugs bring about,
    where it or the text `before` it says so.
    `names_in_text(surface, context)`: names that the document gives the mention; they go before
    `other_names`. Of both together `most_names` are looked up (None: all).
    `written_concept(surface, context)`: the concept that `surface` itself writes, such as an rs
    number.
    `preferred_types(context)`: concept types to try before all others of `concept_types`, such as
    the species of a document's genes; the first that a base knows counts.
    `mention_types(surface, context)`: those to try even before, which the mention itself says, such
    as the species of "mouse Ldlr".
    `unlikely_types(surface, context)`: types of concepts that the mention hardly means, such as
    human genes in a text about yeast; their candidates are a tenth as likely.
    `is_about_animals(context)`: whether a text is about animals and not about people, so that
    concepts of people are hardly meant where the base has those of the animals.
    `usual_concepts()`: of names that several concepts bear, the one that texts nearly always mean,
    by the normal form of the name.
    `is_misleading(name)`: whether a name hardly means the concept that bears it as a mere synonym,
    such as that of a family, whose members all have longer ones; such candidates are a tenth as
    likely.
    `is_defined_otherwise(name)`: the same of a short form that the text does not define.
    `short_forms()`: long forms by the short forms, in capitals, that texts use without a
    definition.
    `needs_base`: False where `written_concept` stands though no base holds the concept.
    """

    concept_types: tuple[str, ...]
    other_names: Callable[[str], tuple[str, ...]] | None = None
    spelled_out: Callable[[str, DocumentContext], str | None] | None = None
    drug_induced: Callable[[str, str, DocumentContext], DrugInduced | None] | None = None
    names_in_text: Callable[[str, DocumentContext], tuple[str, ...]] | None = None
    most_names: int | None = None
    written_concept: Callable[[str, DocumentContext], Candidate | None] | None = None
    preferred_types: Callable[[DocumentContext], tuple[str, ...]] | None = None
    mention_types: Callable[[str, DocumentContext], tuple[str, ...]] | None = None
    unlikely_types: Callable[[str, DocumentContext], tuple[str, ...]] | None = None
    is_about_animals: Callable[[DocumentContext], bool] | None = None
    usual_concepts: Callable[[], Mapping[str, str]] | None = None
    is_misleading: Callable[[str], bool] | None = None
    is_defined_otherwise: Callable[[str], bool] | None = None
    short_forms: Callable[[], Mapping[str, str]] | None = None
    name_form: NameForm = NameForm()
    needs_base: bool = True


def names_to_look_up(
    kind: EntityKind, surface: str, names_in_text: tuple[str, ...]
) -> tuple[str, ...]:
    """The names to look up where `surface` is none: those of the document (`names_in_text` of the
    kind), then `other_names`, each once and never `surface` itself.
    """
    other = () if kind.other_names is None else kind.other_names(surface)
    names = dict.fromkeys((*names_in_text, *other))
    names.pop(surface, None)
    return tuple(names)[: kind.most_names]
