"""Cell lines of Cellosaurus, from the package cellxgene-ontology-guide, which has one label of each."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from biopipe.document.labels import CELL_LINE
from biopipe.kb.build.sources.cellxgene import read_terms
from biopipe.kb.schema import Concept

__all__ = ["cell_line_spellings", "read"]

# Knock-outs and gene traps of catalogues, named by a product number or the gene that is gone; no
# text writes them so.
_CATALOGUE = re.compile(
    r"(?:Abcam|Ubigene|BayGenomics|ValiScreen) .*|HAP1 .*\(-\).*|HyCyte .* KO.*|.* AequoScreen"
)
_NOTE = re.compile(r"\s*\[[^\]]*\]$")
# Who keeps a line, where the number alone names it: NCI-H1299 is written H1299.
_KEEPER = re.compile(r"NCI-(?=H\d)")
# Human embryonic kidney lines are written without the letters for that: 293T, 293FT.
_EMBRYONIC_KIDNEY = re.compile(r"HEK-?(?=293)")
_SIGNS = re.compile(r"[\W_]+")


def read(path: Path) -> Iterator[Concept]:
    """Lines by their label, in the order of their accessions, of which the lower are the older
    lines; other spellings of a label that are the label of no other line are synonyms.
    """
    labels = {
        id_.replace("_", ":", 1) if ":" in id_ else f"Cellosaurus:{id_}": term["label"].strip()
        for id_, term in read_terms(path).items()
        if not term["deprecated"]
    }
    labels = {id_: label for id_, label in labels.items() if not _CATALOGUE.fullmatch(label)}
    # Without case and signs: a spelling that is another line's label means that line.
    own = {_folded(label) for label in labels.values()}
    spelt: dict[str, dict[str, None]] = defaultdict(dict)
    for id_ in sorted(labels):
        for spelling in cell_line_spellings(labels[id_]):
            if _folded(spelling) not in own:
                spelt[spelling][id_] = None
    synonyms: dict[str, list[str]] = defaultdict(list)
    for spelling, ids in spelt.items():
        # One that two lines share stays with the first, which is the older and more used.
        synonyms[next(iter(ids))].append(spelling)
    for id_ in sorted(labels):
        yield Concept(id_, labels[id_], tuple(synonyms[id_]), (CELL_LINE,), source="Cellosaurus")


def cell_line_spellings(label: str) -> list[str]:
    """How else texts write the label of a line: without a note in brackets, without who keeps it,
    without "HEK" before 293, and all of these without any sign between letters and numbers.

    "SH-SY5Y" gives "SHSY5Y", "NCI-H1299" gives "H1299", "HEK293T" gives "293T".
    """
    bare = _NOTE.sub("", label)
    plain = [bare, _KEEPER.sub("", bare), _EMBRYONIC_KIDNEY.sub("", bare)]
    joined = [_SIGNS.sub("", name) for name in plain]
    names = dict.fromkeys(
        name for name in (*plain, *joined) if len(name) > 2 and name != label and not name.isdigit()
    )
    return list(names)


def _folded(name: str) -> str:
    return " ".join(_SIGNS.split(name.lower()))
