from dataclasses import replace
from pathlib import Path

import pytest

from biopipe.document import Document
from biopipe.errors import ConfigError
from biopipe.relations.extractor import RelationExtractor
from biopipe.relations.readout import readout, scheme_names
from biopipe.runtime.manifest import load_manifest


def test_a_model_may_hold_several_schemes(tiny_relations: Path) -> None:
    manifest = load_manifest(tiny_relations)
    assert scheme_names(manifest) == ("main", "cid")
    main, cid = readout(manifest), readout(manifest, "cid")
    assert (main.output, main.novelty, len(main.labels)) == (0, True, 3)
    assert (cid.output, cid.novelty, cid.labels) == (2, False, ("CID",))
    assert cid.allowed == [None, ("Chemical", "Disease"), None, None]
    with pytest.raises(ConfigError, match="no relation scheme 'x'; its schemes are: main, cid"):
        readout(manifest, "x")


def test_the_scheme_decides_labels_and_pairs(
    tiny_relations: Path, linked_document: Document
) -> None:
    (found,) = RelationExtractor(tiny_relations, scheme="cid", threshold=0.0).predict(
        [linked_document]
    )
    labels = {m.concept_ids[0]: m.label for m in linked_document.mentions if m.concept_ids}
    assert {r.label for r in found.relations} == {"CID"}
    assert {r.novel for r in found.relations} == {None}
    assert {r.tail for r in found.relations} == {"MESH:D001943"}
    assert all(labels.get(r.head, "Chemical") == "Chemical" for r in found.relations)


def test_a_label_below_its_threshold_is_left_out(
    tiny_relations: Path, linked_document: Document
) -> None:
    (every,) = RelationExtractor(tiny_relations, threshold=0.0).predict([linked_document])
    label = every.relations[0].label
    (some,) = RelationExtractor(tiny_relations, threshold={label: 1.0, **_others(label)}).predict(
        [replace(linked_document)]
    )
    assert some.relations == tuple(r for r in every.relations if r.label != label)


def _others(label: str) -> dict[str, float]:
    labels = ("Association", "Positive_Correlation", "Negative_Correlation")
    return {each: 0.0 for each in labels if each != label}
