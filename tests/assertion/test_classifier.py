import pickle
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.assertion.classifier import AssertionClassifier
from biopipe.clinical.sections.finder import SectionFinder
from biopipe.document import Document, Mention, Relation
from biopipe.document.labels import ASSERTIONS
from biopipe.errors import ConfigError

ENGLISH = AssertionClassifier()
LAYOUT = SectionFinder()


def marked(text: str) -> Document:
    """The text without its braces; what stood in them are the mentions."""
    parts = re.split(r"\{(.*?)\}", text)
    at, mentions = 0, []
    for index, part in enumerate(parts):
        if index % 2:
            mentions.append(Mention(at, at + len(part), "Disease"))
        at += len(part)
    return Document("d", "".join(parts), tuple(mentions))


def said(text: str, classifier: AssertionClassifier = ENGLISH) -> dict[str, str]:
    (read,) = classifier.predict([marked(text)])
    return {read.text[m.start : m.end]: " ".join(sorted(m.assertion)) for m in read.mentions}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No {fever}, {chills} or {cough}.", ["negated"] * 3),
        ("No {fever} but {cough}.", ["negated", ""]),
        ("She denies {nausea}; has {pain}.", ["negated", ""]),
        ("Without evidence of {PE}, however {DVT} is seen.", ["negated", ""]),
        ("{Rash} is absent.", ["negated"]),
        ("{MI} was ruled out. {CHF} was not.", ["negated", ""]),
        ("He is negative for {HIV}. {HBV}: negative.", ["negated", "negated"]),
        ("Not only {fever} but also {cough}.", ["", ""]),
        ("No change in {edema}. Gram negative {sepsis}.", ["", ""]),
        ("{no-reflow} after {PCI}, HER2-negative {cancer}.", ["", "", ""]),
        ("No. 5 {stent}.", [""]),
        ("Possible {pneumonia}. {TB} cannot be ruled out.", ["possible", "possible"]),
        ("No {edema}, possible {pneumonia}.", ["negated", "possible"]),
        ("Rule out {MI}.", ["possible"]),
        (
            "Return if {fever} or {pain}, otherwise continue {aspirin}.",
            ["hypothetical", "hypothetical", ""],
        ),
        ("History of {CAD} who presents with {pain}.", ["historical", ""]),
        ("A 2-day history of {cough}.", [""]),
        ("{Stroke} 3 years ago.", ["historical"]),
        ("No history of {diabetes}.", ["historical negated"]),
        ("The natural history of {AIDS}.", [""]),
        ("Mother had {breast cancer}, the patient has {asthma}.", ["family", ""]),
        ("Family history of {gout}.", ["family historical"]),
        ("Sister chromatid {exchange}.", [""]),
        (
            "No {fever} (38 C) or {chills}; scan (not shown) with {metastasis}.",
            ["negated", "negated", ""],
        ),
        ("Patients with {diabetes} on {metformin} had fewer {strokes}.", ["", "", ""]),
        ("PATIENT DENIES {PAIN}, BUT HAS {COUGH}. NO {RASH}.", ["negated", "", "negated"]),
        (
            "PMH:\n- {CAD}\n- no {COPD}\n\nFAMILY HISTORY:\nFather: {MI}\n\nHOSPITAL "
            "COURSE:\n{Sepsis}.",
            [*("historical", "historical negated", "family historical", "")],
        ),
        ("no evidence of\n{deep vein thrombosis} or\n{embolism}.", ["negated", "negated"]),
        ("No {fever}\nNo {rash}\nHeadache and {nausea}\n", ["negated", "negated", ""]),
        ("Status post {CABG}.", ["historical"]),
    ],
)
def test_english(text: str, expected: list[str]) -> None:
    assert list(said(text).values()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sin {fiebre} ni {tos}, pero presenta {disnea}.", ["negated", "negated", ""]),
        ("Posible {neumonía}. Antecedentes de {asma}.", ["possible", "historical"]),
        ("Madre con {cáncer}. Acudir si {dolor}.", ["family", "hypothetical"]),
        ("ANTECEDENTES FAMILIARES: {HTA}. EVOLUCIÓN: {fiebre}.", ["family historical", ""]),
    ],
)
def test_spanish(text: str, expected: list[str]) -> None:
    assert list(said(text, AssertionClassifier(language="es")).values()) == expected


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("A lowered the risk of C, whereas B did not.", {("B", "C")}),
        ("A lowered C but B and D did not.", {("B", "C"), ("D", "C")}),
        ("A lowered C and B did not; D lowered C.", {("B", "C")}),
        ("A lowered C; B had no effect.", {("B", "C")}),
        ("A was not given with C.", set()),
    ],
)
def test_what_the_first_does_and_the_second_does_not(
    text: str, denied: set[tuple[str, str]]
) -> None:
    mentions = tuple(
        Mention(*m.span(), "Disease" if m[0] == "C" else "Chemical", concept_ids=(m[0],))
        for m in re.finditer(r"\b[ABCD]\b", text)
    )
    drugs = {m.concept_ids[0] for m in mentions} - {"C"}
    relations = [
        Relation(drug, "C", "Negative_Correlation", evidence=((0, len(text)),)) for drug in drugs
    ]
    (read,) = ENGLISH.predict([Document("d", text, mentions, tuple(relations))])
    assert {(r.head, r.tail) for r in read.relations if r.assertion} == denied


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We found no association between A and B.", "negated"),
        ("A was not associated with B.", "negated"),
        ("A did not inhibit B but did bind C.", "negated"),
        ("A did not inhibit C but did bind B.", ""),
        ("A may inhibit B.", "possible"),
        ("We tested whether A inhibits B.", "hypothetical"),
        ("A inhibits B.", ""),
        ("A inhibits B. Here A did not inhibit B.", ""),
    ],
)
def test_relations_by_their_evidence(text: str, expected: str) -> None:
    mentions = tuple(
        Mention(*m.span(), "Gene", concept_ids=(m[0],)) for m in re.finditer(r"\b[ABC]\b", text)
    )
    evidence = tuple(m.span() for m in re.finditer(r"\S[^.]*\.", text))
    document = Document("d", text, mentions, (Relation("A", "B", "Bind", evidence=evidence),))
    (read,) = ENGLISH.predict([document])
    assert " ".join(read.relations[0].assertion) == expected
    assert all(mention.assertion == frozenset() for mention in read.mentions)


def test_triggers_of_a_user(tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text("term\tcategory\tdirection\tscope\nnullo\tnegated\tforward\nno\tpseudo\n")
    text = "Nullo {fever}. No {cough}. Denies {rash}."
    assert list(said(text, AssertionClassifier(triggers=path)).values()) == [
        "negated",
        "",
        "negated",
    ]
    alone = AssertionClassifier(language="la", triggers=[path], extend=False)
    assert list(said(text, alone).values()) == ["negated", "", ""]
    assert alone.model_name == "assertion triggers (la)"
    assert (
        len({each.model_hash for each in (ENGLISH, alone, AssertionClassifier(triggers=path))}) == 3
    )
    with pytest.raises(ConfigError, match="language 'la'; there are: en, es"):
        AssertionClassifier(language="la", triggers=path)


def test_survives_pickling_and_keeps_what_it_does_not_know() -> None:
    again = pickle.loads(pickle.dumps(ENGLISH))
    assert again.model_hash == ENGLISH.model_hash
    empty, plain = Document("e", ""), Document("p", "No mention here.", meta={"a": "b"})
    assert again.predict([empty, plain]) == [empty, plain]
    assert again.predict([]) == []


def test_only_sentences_with_mentions_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    classifier = AssertionClassifier()
    read: list[list[str]] = []
    may_assert = classifier.lexicon.may_assert
    monkeypatch.setattr(
        classifier.lexicon,
        "may_assert",
        lambda tokens: read.append(list(tokens)) or may_assert(tokens),
    )
    said("No {fever} here. No cough there. A {rash} as well.", classifier)
    assert [tokens[0] for tokens in read] == ["no", "a"]


PIECES = st.lists(
    st.sampled_from(
        [
            *"noifno(),;:.\n- ",
            " no ",
            " history of ",
            "PMH: ",
            "{AB}",
            "{No}",
            " denies {x} ",
            "but ",
        ]
    ),
    max_size=40,
)


@given(PIECES)
def test_no_text_breaks_it_and_spans_stay(pieces: list[str]) -> None:
    document = marked("".join(pieces))
    (read,) = ENGLISH.predict([document])
    spans = [(m.start, m.end) for m in read.mentions]
    given = [(m.start, m.end) for m in document.mentions]
    # Only the words of a trigger, as in "{No} history of", are no mentions.
    assert spans == [span for span in given if span in spans]
    lost = {document.text[start:end] for start, end in set(given) - set(spans)}
    assert lost <= {"No"}
    assert set().union(*(m.assertion for m in read.mentions)) <= set(ASSERTIONS)


def lines_run(function: Callable[[], object]) -> int:
    """How many lines of biopipe's code a call runs: its steps, whatever the machine is doing."""
    count = 0

    def local(frame: object, event: str, argument: object) -> object:
        nonlocal count
        count += event == "line"
        return local

    before = sys.gettrace()
    sys.settrace(
        lambda frame, event, argument: local if "biopipe" in frame.f_code.co_filename else None
    )
    try:
        function()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(
    "unit",
    [
        "no {a} ",
        "no evidence no evidence {a} but no evidence of ",
        "{a} absent ",
        "( {a} no ",
        "( no {a} ) ",
        "no {a}. ",
        "PMH: {a}\n\nX: ",
        "- no {a}\n",
        "1) {a} ",
        "history of mother {a}, ",
    ],
)
def test_steps_grow_with_the_text_and_not_faster(unit: str) -> None:
    few, many = (marked(unit * count) for count in (100, 400))
    assert lines_run(lambda: ENGLISH.predict([many])) < 4.4 * lines_run(
        lambda: ENGLISH.predict([few])
    )


@pytest.mark.parametrize(
    ("text", "word", "label", "expected"),
    [
        ("PMH: hypertension on losartan", "losartan", "Chemical", set()),
        ("PMH: hypertension on losartan", "hypertension", "Disease", {"historical"}),
        ("Social history: drinks ethanol daily", "ethanol", "Chemical", set()),
        ("Hx of stroke and asthma on aspirin.", "aspirin", "Chemical", set()),
        ("Hx of stroke and asthma on aspirin.", "asthma", "Disease", {"historical"}),
        ("FHx: mother took lithium", "lithium", "Chemical", {"family", "historical"}),
        ("No family hx of asthma.", "asthma", "Disease", {"family", "historical", "negated"}),
        ("No FHx of asthma.", "asthma", "Disease", {"family", "historical", "negated"}),
        ("ACTIVE PROBLEM LIST\nasthma", "asthma", "Disease", set()),
        ("Active problems:\nAsthma | Resolved", "Asthma", "Disease", {"historical"}),
        ("Active problems:\nAsthma | Inactive | 2003", "Asthma", "Disease", {"historical"}),
        ("Risks including sepsis were discussed.", "sepsis", "Disease", {"hypothetical"}),
        ("I ordered a CT to look for sepsis.", "sepsis", "Disease", {"possible"}),
    ],
)
def test_what_sections_and_lists_say_by_label(
    text: str, word: str, label: str, expected: set[str]
) -> None:
    start = text.index(word)
    document = Document("1", text, (Mention(start, start + len(word), label),))
    (document,) = LAYOUT.predict([document])
    (asserted,) = ENGLISH.predict([document])
    assert asserted.mentions[0].assertion == expected


def test_amounts_and_times_are_not_asserted_themselves() -> None:
    text = "No fever of 39.1 last week"
    words = {"fever": "Disease", "39.1": "Value", "last week": "Date"}
    mentions = [Mention(text.index(w), text.index(w) + len(w), of) for w, of in words.items()]
    (document,) = ENGLISH.predict([Document("1", text, tuple(mentions))])
    assert [bool(m.assertion) for m in document.mentions] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("albuterol {q4h|Frequency} {prn|Frequency} {wheezing|Disease}", {"hypothetical"}),
        ("He had {shingles|Disease} {last year|Date}.", {"historical"}),
        ("He had {shingles|Disease} {ten years ago|Date}.", {"historical"}),
        ("{Culture|Test} was {negative|Value} for {candida|Disease}.", {"negated"}),
    ],
)
def test_times_and_values_hide_no_trigger(text: str, expected: set[str]) -> None:
    plain, mentions = "", []
    for part in re.split(r"\{(.*?)\}", text):
        word, _, label = part.partition("|")
        if label:
            mentions.append(Mention(len(plain), len(plain) + len(word), label))
        plain += word
    (document,) = ENGLISH.predict([Document("1", plain, tuple(mentions))])
    (said,) = [m.assertion for m in document.mentions if m.label == "Disease"]
    assert said == expected
