import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span

from biopipe.components.document import annotate_doc, to_document
from biopipe.components.extensions import ExtensionTakenWarning, install_extensions
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


def test_score_negated_and_kb_ents_of_spans() -> None:
    document = Document(
        "d",
        TEXT,
        (
            Mention(0, 9, "Gene", 0.9, assertion=frozenset({"negated"})),
            Mention(10, 13, "Gene", 0.7, assertion=frozenset({"possible"})),
            Mention(14, 21, "Chemical", 0.5, assertion=frozenset({"negated", "historical"})),
        ),
    )
    annotated = annotate_doc(spacy.blank("en").make_doc(TEXT), document, spans_key="other")
    spans = annotated.spans["other"]
    assert [span._.negated for span in spans] == [True, False, True]
    assert [span._.score for span in spans] == [0.9, 0.7, 0.5]
    assert (annotated[0:2]._.score, annotated[0:2]._.negated) == (None, False)


def test_abbreviations() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_abbreviations")
    found = nlp("Heart failure (HF) is common.")
    (abbreviation,) = found._.abbreviations
    assert found.text[abbreviation.start : abbreviation.end] == "HF"
    assert nlp("None here.")._.abbreviations == ()


def test_doc_without_annotation() -> None:
    install_extensions()
    plain = spacy.blank("en").make_doc(TEXT)
    assert (plain._.mentions, plain._.relations, plain._.abbreviations) == ((), (), ())
    span = plain[0:1]
    assert (span._.kb_ents, span._.score, span._.negated) == ([], None, False)


EXTENSIONS = [(Doc, name) for name in ("mentions", "relations", "abbreviations")]
EXTENSIONS += [(Span, name) for name in ("kb_ents", "score", "negated")]


@pytest.mark.parametrize(("owner", "name"), EXTENSIONS)
def test_extension_of_another_package_stays(owner: type[Doc | Span], name: str) -> None:
    install_extensions()
    ours = owner.get_extension(name)
    # Ours came first, and the other package takes the name by force, as scispacy does.
    owner.set_extension(name, default="theirs", force=True)
    taken = rf"defined {owner.__name__.lower()}\._\.{name}, .* biopipe\.to_document\("
    try:
        with pytest.warns(ExtensionTakenWarning, match=taken):
            annotated = doc()
        of = annotated if owner is Doc else annotated[0:1]
        assert getattr(of._, name) == "theirs"
        assert to_document(annotated) == DOCUMENT
        pipeline = spacy.blank("en")
        with pytest.warns(ExtensionTakenWarning):
            pipeline.add_pipe("biopipe_abbreviations")
        annotated = pipeline(annotated)
        assert to_document(annotated).mentions == DOCUMENT.mentions
    finally:
        owner.remove_extension(name)
        owner.set_extension(name, getter=ours[2])
    install_extensions()


TWICE = """
import spacy
from spacy.tokens import Doc
import biopipe
Doc.set_extension("mentions", default=[])
nlp = spacy.blank("en")
nlp.add_pipe("biopipe_abbreviations")
nlp.add_pipe("biopipe_abbreviations", "again")
list(nlp.pipe(["Heart failure (HF)."] * 5))
for text in ("a", "b"):
    biopipe.annotate_doc(nlp.make_doc(text), biopipe.Document("", text))
"""


def test_the_warning_comes_once() -> None:
    done = subprocess.run([sys.executable, "-c", TWICE], capture_output=True, text=True, check=True)
    assert done.stderr.count("Another package has defined doc._.mentions") == 1


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
