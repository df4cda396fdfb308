"""Names of vocabularies as authors write them in running text."""

import re
from collections.abc import Iterable
from functools import cache

from biopipe.document.labels import CHEMICAL, DISEASE
from biopipe.language.tables import read_table

__all__ = ["lower_case_words", "written_name"]

_LONGEST = 45
# Letters, digits and what joins them: no commas, brackets, quotes, semicolons.
_SIGNS = re.compile(r"[^\W_](?:[\w .'+/\N{PRIME}-]*[\w+'])?")
_TITLE_WORD = re.compile(r"(?<![^\W_])[A-Z][a-z]{2,}(?![^\W_])")
# Of vocabularies whose headings stand turned round at a comma.
_INVERTED = re.compile(r"([^,]+), ([^,]+)")
_INVERTING = "MESH:"
_LOWERED = frozenset({CHEMICAL, DISEASE})


def lower_case_words(names: Iterable[str]) -> frozenset[str]:
    """The words that names hold in small letters, so that a capital letter is not their own."""
    return frozenset(
        word for name in names for word in re.findall(r"[^\W\d_]+", name) if word.islower()
    )


def written_name(name: str, label: str, concept_id: str, common: frozenset[str]) -> str | None:
    """A vocabulary's name as one writes it, or None where nobody writes it so.

    Headings of MeSH are turned round ("Diabetes Mellitus, Type 2" is "type 2 diabetes mellitus");
    words of diseases and chemicals begin with a small letter where they are among `common`, which
    `lower_case_words` gives, or are the only word. Names with other commas, brackets or quotes, of
    over 45 characters, and of a form that unwritten.tsv has for the label are None.
    """
    inverted = _INVERTED.fullmatch(name)
    if inverted is not None and concept_id.startswith(_INVERTING):
        name = f"{inverted[2]} {inverted[1]}"
    if not 2 <= len(name) <= _LONGEST or _SIGNS.fullmatch(name) is None:
        return None
    if label in _LOWERED:
        alone = " " not in name

        def lowered(match: re.Match[str]) -> str:
            word = match[0].lower()
            return word if alone or word in common else match[0]

        name = _TITLE_WORD.sub(lowered, name)
    return None if any(form.search(name) for form in _unwritten(label)) else name


@cache
def _unwritten(label: str) -> tuple[re.Pattern[str], ...]:
    rows = read_table("biopipe.train.frames", "tables/unwritten.tsv")
    return tuple(re.compile(form) for of, form, *_ in rows if of == label)
