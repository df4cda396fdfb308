from pathlib import Path

import spacy

import biopipe
from biopipe.components.short_forms import ShortFormsComponent  # registers the factory

TEXT = "PMH: HTN, COPD. 98% on RA"


def test_short_forms_become_mentions_of_a_doc() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_short_forms")
    doc = nlp(TEXT)
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("HTN", "Disease"), ("COPD", "Disease")]
    assert [mention.long_form for mention in doc._.mentions] == [
        "hypertension",
        "chronic obstructive pulmonary disease",
    ]
    assert biopipe.to_document(doc).mentions == doc._.mentions


def test_a_saved_pipeline_carries_its_table(tmp_path: Path) -> None:
    table = tmp_path / "mine.tsv"
    table.write_text(
        "short\tlong\tlabel\tcase\tweight\tsections\tcues\tsource\nRA\trare\tProblem\n"
    )
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe("biopipe_short_forms", config={"senses": str(table)})
    assert isinstance(pipe, ShortFormsComponent)
    before = nlp(TEXT)._.mentions
    nlp.to_disk(tmp_path / "saved")
    table.unlink()
    again = spacy.load(tmp_path / "saved")
    assert again(TEXT)._.mentions == before
    assert "rare" in {mention.long_form for mention in before}
