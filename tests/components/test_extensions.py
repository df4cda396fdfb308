import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span

from biopipe.components.document import annotate_doc
from biopipe.components.extensions import install_extensions
from biopipe.document import Candidate, Document, Mention, Relation

TEXT = "EGFR+TP53 and aspirin"
EGFR = (Candidate("NCBIGene:1956", "EGFR", 0.8), Candidate("NCBIGene:1950", "EGF", 0.1))
DOCUMENT = Document(
    "d",
    TEXT,
    (
        Mention(0, 4, "Gene", concept_ids=("NCBIGene:1956",), candidates=EGFR),
        Mention(
            5,
            9,
            "Gene",
            concept_ids=("NCBIGene:7157",),
            candidates=(Candidate("NCBIGene:7157", "p", 0.7),),
        ),
        Mention(14, 21, "Chemical", candidates=(Candidate("MESH:D001241", "Aspirin", 0.4),)),
        Mention(14, 21, "Drug"),
    ),
    (Relation("NCBIGene:1956", "MESH:D001241", "Bind", 0.5),),
)


def doc() -> Doc:
    return annotate_doc(spacy.blank("en").make_doc(TEXT), DOCUMENT)


def test_kb_ents_of_every_mention() -> None:
    annotated = doc()
    assert [span._.kb_ents for span in annotated.spans["biopipe"]] == [
        [("NCBIGene:1956", 0.8), ("NCBIGene:1950", 0.1)],
        [("NCBIGene:7157", 0.7)],
        [("MESH:D001241", 0.4)],
        [],
    ]


def test_kb_ents_of_a_span_made_by_hand() -> None:
    annotated = doc()
    assert annotated[2:3]._.kb_ents == [("MESH:D001241", 0.4)]
    assert annotated.char_span(14, 21, label="Chemical")._.kb_ents == [("MESH:D001241", 0.4)]
    assert annotated.char_span(14, 21, label="Gene")._.kb_ents == []
    assert annotated[1:3]._.kb_ents == []
    assert annotated[1:2]._.kb_ents == []


def test_nothing_is_stored_under_extensions() -> None:
    annotated = doc()
    _ = [span._.kb_ents for span in annotated.ents], annotated._.mentions, annotated._.relations
    assert list(annotated.user_data) == ["biopipe"]


def test_doc_without_annotation() -> None:
    install_extensions()
    plain = spacy.blank("en").make_doc(TEXT)
    assert (plain._.mentions, plain._.relations, plain[0:1]._.kb_ents) == ((), (), [])


def test_extension_of_another_package_stays() -> None:
    before = Span.get_extension("kb_ents") if Span.has_extension("kb_ents") else None
    Span.set_extension("kb_ents", default=["theirs"], force=True)
    try:
        annotated = doc()
        assert [span._.kb_ents for span in annotated.ents] == [["theirs"], ["theirs"]]
    finally:
        Span.remove_extension("kb_ents")
        if before is not None:
            Span.set_extension("kb_ents", getter=before[2])


RESTORE = """
import sys, spacy
from spacy.tokens import Doc, DocBin
assert not Doc.has_extension("mentions")
{create}
doc = next(DocBin(store_user_data=True).from_disk(sys.argv[1]).get_docs(spacy.blank("en").vocab))
assert [(m.start, m.end, m.label) for m in doc._.mentions] == [
    (0, 4, "Gene"), (5, 9, "Gene"), (14, 21, "Chemical"), (14, 21, "Drug")], doc._.mentions
assert doc._.relations[0].label == "Bind"
assert doc.ents[0]._.kb_ents == [("NCBIGene:1956", 0.8), ("NCBIGene:1950", 0.1)]
"""


@pytest.mark.parametrize(
    "create",
    [
        'spacy.blank("en").add_pipe("biopipe_abbreviations")',
        'import biopipe; biopipe.build({"components": {}})',
        "import pickle; pickle.load(open(sys.argv[2], 'rb'))",
    ],
    ids=["a component", "build", "a pickled pipeline"],
)
def test_getters_work_in_a_fresh_process(create: str, tmp_path: Path) -> None:
    import pickle

    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_abbreviations")
    (tmp_path / "nlp.pickle").write_bytes(pickle.dumps(nlp))
    DocBin(store_user_data=True, docs=[doc()]).to_disk(tmp_path / "docs.spacy")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            RESTORE.format(create=create),
            tmp_path / "docs.spacy",
            tmp_path / "nlp.pickle",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
