"""MEDIC as it came in 2012."""

from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.medic import read
from biopipe.kb.schema import Concept


def test_diseases_and_their_other_ids(tmp_path: Path) -> None:
    path = tmp_path / "medic.txt"
    path.write_text(
        "D054218|108300|156550||Maroteaux-Lamy|A, INCLUDED|B|Maroteaux-Lamy|A, INCLUDED\r\n\n"
        "145250||HPP\n"
    )
    assert list(read(path)) == [
        Concept(
            "MESH:D054218",
            "Maroteaux-Lamy",
            ("A", "B"),
            ("Disease",),
            synonym_kinds=("related", "exact"),
            source="MEDIC",
        ),
        Concept("OMIM:108300", "Maroteaux-Lamy", replaced_by="MESH:D054218", source="MEDIC"),
        Concept("OMIM:156550", "Maroteaux-Lamy", replaced_by="MESH:D054218", source="MEDIC"),
        Concept("OMIM:145250", "HPP", types=("Disease",), source="MEDIC"),
    ]


def test_names_that_came_through_html(tmp_path: Path) -> None:
    path = tmp_path / "medic.txt"
    path.write_text("C537903||Banti&apos;s syndrome|A & B; C\n")
    (disease,) = read(path)
    assert (disease.name, disease.synonyms) == ("Banti's syndrome", ("A & B; C",))


@pytest.mark.parametrize("line", ["D1|x|y", "D054218||", "||name", "DiseaseName\tDiseaseID"])
def test_another_format(tmp_path: Path, line: str) -> None:
    path = tmp_path / "medic.txt"
    path.write_text(f"145250||HPP\n{line}\n")
    with pytest.raises(
        KnowledgeBaseError, match=r"medic\.txt, line 2, is not 'id\|altids\|\|name\|synonyms'"
    ):
        list(read(path))
