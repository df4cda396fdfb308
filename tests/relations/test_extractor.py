import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from biopipe.document import Document, Mention, Passage
from biopipe.errors import ConfigError, ModelError
from biopipe.relations.extractor import RelationExtractor
from biopipe.runtime.manifest import load_manifest, write_manifest
from biopipe.text.concepts import concept_mentions


def test_relations_are_between_concepts_of_allowed_types(
    tiny_relations: Path, linked_document: Document
) -> None:
    (document,) = RelationExtractor(tiny_relations, threshold=0.0).predict([linked_document])
    found = {frozenset((r.head, r.tail)) for r in document.relations}
    genes, disease = ("NCBIGene:672", "NCBIGene:7157"), "MESH:D001943"
    chemicals = ("MESH:D002945", concept_mentions(linked_document)[-1].id)
    expected = [(g, disease) for g in genes] + [(c, disease) for c in chemicals]
    expected += [genes] + [(g, c) for g in genes for c in chemicals]
    assert found == {frozenset(pair) for pair in expected}
    assert len(document.relations) == len(expected)
    for relation in document.relations:
        assert relation.label in ("Association", "Positive_Correlation", "Negative_Correlation")
        assert 0 <= relation.score <= 1
        assert relation.novel is (relation.novel_score >= 0.5)
        assert relation.evidence
        assert all(0 <= start < end <= len(document.text) for start, end in relation.evidence)
    scores = [r.score for r in document.relations]
    assert scores == sorted(scores, reverse=True)


def test_threshold_keeps_the_strongest(tiny_relations: Path, linked_document: Document) -> None:
    (everything,) = RelationExtractor(tiny_relations, threshold=0.0).predict([linked_document])
    middle = everything.relations[3].score
    (some,) = RelationExtractor(tiny_relations, threshold=middle).predict([linked_document])
    assert some.relations == tuple(r for r in everything.relations if r.score >= middle)


def test_relations_of_ends_without_an_id_can_be_left_out(
    tiny_relations: Path, linked_document: Document
) -> None:
    (every,) = RelationExtractor(tiny_relations, threshold=0.0).predict([linked_document])
    (some,) = RelationExtractor(tiny_relations, threshold=0.0, nil_ends=False).predict(
        [linked_document]
    )
    linked = [r for r in every.relations if not r.head.startswith("NIL:")]
    linked = [r for r in linked if not r.tail.startswith("NIL:")]
    assert 0 < len(linked) < len(every.relations)
    assert list(some.relations) == linked


def test_a_model_without_subjects_or_thresholds_for_precision(
    tiny_relations: Path, linked_document: Document
) -> None:
    (document,) = RelationExtractor(tiny_relations, threshold=0.0).predict([linked_document])
    assert {(r.subject, r.subject_score) for r in document.relations} == {(None, None)}
    with pytest.raises(ConfigError, match="has no thresholds for precision; give a number"):
        RelationExtractor(tiny_relations, threshold="precision")
    with pytest.raises(ConfigError, match="is 'high'; give a number, or 'precision'"):
        RelationExtractor(tiny_relations, threshold="high")


def test_a_threshold_of_the_model_is_of_the_relation_with_its_type(
    tiny_relations: Path, linked_document: Document, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    shutil.copytree(tiny_relations, model)
    ((_, table),) = RelationExtractor(model).scored([linked_document])
    typed = table.typed_scores()
    middle = float(np.median(typed))
    assert 0 < (typed >= middle).sum() < (table.scores >= middle).sum()
    manifest = load_manifest(model)
    settings = {**manifest.settings, "typed_thresholds": True, "threshold": middle}
    write_manifest(model, replace(manifest, settings=settings), list(manifest.files))

    def found(threshold: float | dict[str, float] | None = None) -> int:
        extractor = RelationExtractor(model, threshold=threshold)
        return len(extractor.predict([linked_document])[0].relations)

    assert found() == (typed >= middle).sum()
    # A caller's number is of the score that is reported.
    assert found(middle) == (table.scores >= middle).sum()
    label = RelationExtractor(model).labels[int(table.labels[typed.argmin()])]
    of_label = table.labels == table.labels[typed.argmin()]
    assert found({label: 0.0}) == (of_label | (typed >= middle)).sum()


def test_what_only_a_list_names_is_not_related(tiny_relations: Path) -> None:
    text = "Keywords: BRCA1; breast cancer; mice"
    mentions = (
        Mention(10, 15, "Gene", concept_ids=("NCBIGene:672",)),
        Mention(17, 30, "Disease", concept_ids=("MESH:D001943",)),
    )
    listed = Document("k", text, mentions)
    said = replace(listed, text=text.replace("Keywords:", "Mice with"))
    extractor = RelationExtractor(tiny_relations, threshold=0.0)
    assert [len(d.relations) for d in extractor.predict([listed, said])] == [0, 1]


def test_documents_without_pairs_pass_through(
    tiny_relations: Path, linked_document: Document
) -> None:
    bare = replace(linked_document, mentions=())
    result = RelationExtractor(tiny_relations).predict([bare, Document("2", "")])
    assert [d.relations for d in result] == [(), ()]


def test_same_result_alone_together_and_pickled(
    tiny_relations: Path, linked_document: Document
) -> None:
    other = replace(linked_document, id="d2", text=linked_document.text + " " + "the " * 900)
    extractor = RelationExtractor(tiny_relations, threshold=0.0)
    together = extractor.predict([linked_document, other])
    assert together == [extractor.predict([d])[0] for d in (linked_document, other)]
    assert pickle.loads(pickle.dumps(extractor)).predict([linked_document, other]) == together


def test_known_passages_change_nothing(tiny_relations: Path, linked_document: Document) -> None:
    passages = (Passage("title", 0, 32), Passage("abstract", 33, len(linked_document.text)))
    extractor = RelationExtractor(tiny_relations, threshold=0.0)
    bare, known = extractor.predict([linked_document, replace(linked_document, passages=passages)])
    assert bare.relations == known.relations


def test_wrong_model_and_threshold_are_refused(tiny_tagger: Path, tiny_relations: Path) -> None:
    with pytest.raises(ModelError, match="does token-classification; give one that does relation"):
        RelationExtractor(tiny_tagger)
    with pytest.raises(ConfigError, match=r"is 1\.5; give a number from 0 to 1"):
        RelationExtractor(tiny_relations, threshold=1.5)


def test_a_model_that_was_told_other_numbers_says_so(
    tiny_relations: Path, linked_document: Document, tmp_path: Path
) -> None:
    shutil.copytree(tiny_relations, tmp_path / "model")
    manifest = load_manifest(tmp_path / "model")
    settings = {**manifest.settings, "surroundings": True}
    write_manifest(tmp_path / "model", replace(manifest, settings=settings), list(manifest.files))
    with pytest.raises(ModelError, match=r"is told \d+ numbers of a pair.* tells \d+; train it"):
        RelationExtractor(tmp_path / "model").predict([linked_document])


def test_pairs_beyond_the_cap_are_said_to_be_left_out(
    tiny_relations: Path, linked_document: Document
) -> None:
    everything = RelationExtractor(tiny_relations, threshold=0.0)
    (full,) = everything.predict([linked_document])
    assert full.pairs_left_out == 0
    with pytest.warns(
        UserWarning, match="more than 5 pairs of concepts; the 4 whose mentions are farthest"
    ):
        (capped,) = RelationExtractor(tiny_relations, threshold=0.0, most_pairs=5).predict(
            [linked_document]
        )
    assert capped.pairs_left_out == 4
    assert len(capped.relations) == 5
    assert {(r.head, r.tail) for r in capped.relations} < {(r.head, r.tail) for r in full.relations}


def test_hundreds_of_concepts_stay_below_the_cap(tiny_relations: Path) -> None:
    words = [("g" if i % 2 else "d", "Gene" if i % 2 else "Disease", f"C{i}") for i in range(160)]
    mentions = tuple(
        Mention(2 * i, 2 * i + 1, label, concept_ids=(concept,))
        for i, (_, label, concept) in enumerate(words)
    )
    document = Document("1", " ".join(word for word, _, _ in words), mentions=mentions)
    with pytest.warns(UserWarning, match="were not scored"):
        (found,) = RelationExtractor(tiny_relations, threshold=0.0, most_pairs=200).predict(
            [document]
        )
    assert 0 < len(found.relations) <= 200
