"""Documents of frames: offsets, determinism, genres, files."""

import itertools
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.document import Document
from biopipe.errors import ConfigError
from biopipe.io.codecs import jsonl, pubtator
from biopipe.kb.base import KnowledgeBase
from biopipe.runtime.manifest import load_manifest
from biopipe.runtime.models import shipped_folder
from biopipe.train.frames.documents import FrameTexts, write_frame_documents
from biopipe.train.frames.fill import FrameFiller, Piece
from biopipe.train.frames.names import FrameName
from biopipe.train.frames.noise import NOISE, make_noise
from biopipe.train.frames.slots import name_slots
from biopipe.train.frames.sources import open_frame_texts
from biopipe.train.frames.text_kinds import read_text_kinds
from biopipe.train.frames.values import read_values

LABELS = {"CellLine", "Chemical", "Disease", "Gene", "Species", "Variant"}


def _check_offsets(document: Document) -> None:
    """Mentions are words of the text, in order, apart from each other."""
    spans = [(mention.start, mention.end) for mention in document.mentions]
    assert all(0 <= start < end <= len(document.text) for start, end in spans)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    for mention in document.mentions:
        surface = document.text[mention.start : mention.end]
        assert surface == surface.strip()
        assert "\n" not in surface
        assert mention.label in LABELS


def _write(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        (folder / f"{name}.txt").write_text(content, encoding="utf-8")
    return folder


def _own(shipped: FrameTexts, folder: Path, **noise: float) -> FrameTexts:
    kinds = read_text_kinds(folder, slots=name_slots(), values=read_values())
    return FrameTexts(kinds, shipped.names, shipped.values, noise)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    noise=st.fixed_dictionaries({change: st.sampled_from([0.0, 0.3, 1.0]) for change in NOISE}),
)
def test_offsets_are_exact_whatever_the_noise(
    shipped_frames: FrameTexts, seed: int, noise: dict[str, float]
) -> None:
    texts = FrameTexts(shipped_frames.kinds, shipped_frames.names, shipped_frames.values, noise)
    for document in texts.documents(5, seed=seed):
        _check_offsets(document)


def test_mentions_are_the_names_that_were_drawn(shipped_frames: FrameTexts) -> None:
    quiet = FrameTexts(
        shipped_frames.kinds, shipped_frames.names, shipped_frames.values, dict.fromkeys(NOISE, 0.0)
    )
    symptoms = {name.text for name in shipped_frames.names["Disease.symptom"].rows}
    surfaces = {
        (document.text[m.start : m.end].lower(), m.label)
        for document in quiet.documents(300)
        for m in document.mentions
    }
    assert len({text for text, label in surfaces if label == "Disease"} & symptoms) > 20
    assert {label for _, label in surfaces} == LABELS
    # Names of tables have the concept that the base has for their meaning.
    ids = {i for document in quiet.documents(300) for m in document.mentions for i in m.concept_ids}
    assert {"MESH:D006973", "MESH:D003924", "NCBITaxon:10090"} <= ids


def test_equal_seeds_give_equal_documents_and_more_go_on(shipped_frames: FrameTexts) -> None:
    few, many = list(shipped_frames.documents(5)), list(shipped_frames.documents(8))
    assert few == many[:5]
    assert few != list(shipped_frames.documents(5, seed=1))
    assert [document.id for document in few] == [f"frames-0-{number}" for number in range(5)]


def test_written_and_read_again(shipped_frames: FrameTexts, tmp_path: Path) -> None:
    lines = list[str]()
    for name, module in (("d.pubtator", pubtator), ("d.jsonl", jsonl)):
        path = tmp_path / name
        assert write_frame_documents(shipped_frames, path, 60, seed=3, log=lines.append) == 60
        read = list(module.read(path))
        made = list(shipped_frames.documents(60, seed=3))
        assert [d.id for d in read] == [d.id for d in made]
        for document, expected in zip(read, made, strict=True):
            _check_offsets(document)
            text = expected.text if module is jsonl else expected.text.replace("\n", " ")
            assert document.text == text
            assert [(m.start, m.end, m.label) for m in document.mentions] == [
                (m.start, m.end, m.label) for m in expected.mentions
            ]
    assert "60 documents, mentions: " in lines[0]
    assert "Disease" in lines[0]


def test_the_title_is_the_first_line(shipped_frames: FrameTexts, tmp_path: Path) -> None:
    folder = _write(tmp_path, note="one {Disease.short}\\ntwo\\nthree\n")
    (document,) = _own(shipped_frames, folder).documents(1)
    title, abstract = (document.text[p.start : p.end] for p in document.passages)
    assert title.startswith("one ")
    assert abstract == "two\nthree"


def test_an_article_has_its_title_first_and_key_words_last(
    shipped_frames: FrameTexts, tmp_path: Path
) -> None:
    folder = _write(
        tmp_path,
        a="@genre g\n@join sentence\nbody one.\nbody two.\n",
        b="@genre g\n@join sentence\n@place first\ntitle\n",
        c="@genre g\n@place last\nkey words\n",
    )
    texts = {document.text for document in _own(shipped_frames, folder).documents(60)}
    assert "Title Body one. Body two.\nkey words" in texts
    assert "Body two." in texts
    assert all(text.count("Body one.") <= 1 for text in texts)


def test_lines_are_run_together_with_full_stops(shipped_frames: FrameTexts, tmp_path: Path) -> None:
    folder = _write(tmp_path, note="PMH nil\nwell.\nmeds:\n")
    texts = {document.text for document in _own(shipped_frames, folder).documents(200)}
    assert {"PMH nil. well.", "PMH nil\nwell.", "meds: PMH nil"} <= texts


def test_the_case_of_a_kind(shipped_frames: FrameTexts, tmp_path: Path) -> None:
    folder = _write(tmp_path, note="@case upper\nno {Disease.symptom} today\n")
    (document,) = _own(shipped_frames, folder).documents(1)
    assert document.text.isupper()
    assert len(document.mentions) == 1


def test_equal_numbers_are_one_name_and_short_forms_have_their_meaning(
    shipped_frames: FrameTexts, tmp_path: Path
) -> None:
    folder = _write(
        tmp_path,
        note="{Disease.meaning:1} ({Disease.short:1}), {Disease.short:1}, {Disease.short:2}\n",
    )
    meanings = {name.text: name.meaning for name in shipped_frames.names["Disease.short"].rows}
    for document in _own(shipped_frames, folder).documents(20):
        long, short, again, other = (document.text[m.start : m.end] for m in document.mentions)
        assert short == again != other
        assert meanings[short] == long


def test_articles_and_capitals_suit_the_names(shipped_frames: FrameTexts, tmp_path: Path) -> None:
    folder = _write(tmp_path, note="{a} {Disease=asthma}, {a} {Disease=MI}, {a} {Disease=cold}\n")
    (document,) = _own(shipped_frames, folder).documents(1)
    assert document.text == "an asthma, an MI, a cold"
    folder = _write(
        tmp_path, note="@join sentence\n{Gene=mTOR} e.g. {Disease=flu}. {Disease=flu}.\n"
    )
    (document,) = _own(shipped_frames, folder).documents(1)
    assert document.text == "mTOR e.g. flu. Flu."


def test_names_are_taken_up_again_in_a_document(shipped_frames: FrameTexts) -> None:
    frame = next(f for k in shipped_frames.kinds if k.name == "microbes" for f in k.frames)
    drawn = list[str]()
    filler = FrameFiller(shipped_frames.names, shipped_frames.values, Random(1))
    for _ in range(8):
        names = [p.text.lower() for p in filler.fill(frame, sentences=True) if p.name]
        assert len(names) == len(set(names))
        drawn += names
    assert len(set(drawn)) < len(drawn)


def test_noise_keeps_out_of_mentions() -> None:
    pieces = [
        Piece("presented with "),
        Piece("breathlessness", FrameName("x", "Disease")),
        Piece("."),
    ]

    def noisy(change: str) -> list[str]:
        return [piece.text for piece in make_noise(pieces, {change: 1.0}, Random(1))]

    assert noisy("upper case") == ["PRESENTED WITH ", "BREATHLESSNESS", "."]
    assert noisy("title case") == ["Presented With ", "Breathlessness", "."]
    assert noisy("no full stop") == ["presented with ", "breathlessness", ""]
    assert noisy("double space") == ["presented  with ", "breathlessness", "."]
    assert noisy("line break") == ["presented\nwith ", "breathlessness", "."]
    first, mention, last = noisy("typo")
    assert (mention, last) == ("breathlessness", ".")
    assert first != "presented with "
    variant = [Piece("c.35delG", FrameName("x", "Variant"))]
    assert make_noise(variant, {"upper case": 1.0}, Random(1)) == variant


@pytest.mark.parametrize(
    ("noise", "fault"),
    [({"colour": 0.1}, "Unknown noise 'colour'"), ({"typo": 2.0}, "has the share 2.0")],
)
def test_faults_of_noise(shipped_frames: FrameTexts, noise: dict[str, float], fault: str) -> None:
    texts = FrameTexts(shipped_frames.kinds, shipped_frames.names, shipped_frames.values, noise)
    with pytest.raises(ConfigError, match=fault):
        list(texts.documents(1))


def test_no_documents_are_refused(shipped_frames: FrameTexts, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="0 documents"):
        write_frame_documents(shipped_frames, tmp_path / "d.pubtator", 0, seed=0, log=print)


def test_labels_of_ones_own_and_values_that_are_mentions(
    opened_base: KnowledgeBase, tmp_path: Path
) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    _write(folder, note="{Chemical.drug} {dose} {frequency} for {Disease=gout}, seen {date}\n")
    labels = tmp_path / "labels.tsv"
    labels.write_text("# slot, label\nChemical\tMedication\ndose\tDosage\nfrequency\tFrequency\n")
    quiet = dict.fromkeys(NOISE, 0.0)
    texts = open_frame_texts([opened_base], folder=folder, labels=labels, noise=quiet)
    doses = set()
    for document in texts.documents(20):
        marked = [m for m in document.mentions if m.label != "Disease"]
        assert [m.label for m in marked] == ["Medication", "Dosage", "Frequency"]
        between = document.text[marked[0].end : marked[1].start]
        assert between == " "
        doses.add(document.text[marked[1].start : marked[1].end])
        assert [document.text[m.start : m.end] for m in document.mentions[3:]] == ["gout"]
    assert len(doses) > 5


@pytest.mark.parametrize("row", ["dosage\tDosage", "dose", "dose\t "])
def test_labels_of_no_slot_are_refused(
    opened_base: KnowledgeBase, tmp_path: Path, row: str
) -> None:
    labels = tmp_path / "labels.tsv"
    labels.write_text(f"Chemical\tMedication\n{row}\n")
    with pytest.raises(ConfigError, match=r"labels\.tsv, line 2"):
        open_frame_texts([opened_base], labels=labels)


def test_the_frames_of_the_clinical_tagger_have_its_labels(opened_base: KnowledgeBase) -> None:
    folder = shipped_folder("models") / "biopipe-ner-clinical"
    texts = open_frame_texts(
        [opened_base], folder=folder / "frames", labels=folder / "frame-labels.tsv"
    )
    labels = set()
    for document in texts.documents(150):
        spans = [(m.start, m.end) for m in document.mentions]
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
        labels |= {mention.label for mention in document.mentions}
    assert labels == set(load_manifest(folder).labels)
