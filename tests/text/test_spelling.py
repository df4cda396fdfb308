"""One spelling for singular and plural, British and American."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.text.spelling import one_spelling

SYLLABLES = st.lists(
    st.sampled_from(
        [
            "leuc",
            "o",
            "e",
            "haem",
            "ae",
            "oe",
            "our",
            "is",
            "ise",
            "ising",
            "ised",
            "lyse",
            "ical",
            "log",
            "oses",
            "ies",
            "s",
            "es",
            "ss",
            "us",
            "a",
            "b",
            "tumour",
        ]
    ),
    max_size=5,
)


@settings(max_examples=300)
@given(st.one_of(SYLLABLES.map("".join), st.text(alphabet="aceiloprsuxyz", max_size=12)))
def test_the_form_of_a_form_is_itself(word: str) -> None:
    assert one_spelling(one_spelling(word)) == one_spelling(word)


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("leukaemia", "leukemia"),
        ("leucocyte", "leukocyte"),
        ("oesophagus", "esophagus"),
        ("oestrogen", "estrogen"),
        ("oedema", "edema"),
        ("diarrhoea", "diarrhea"),
        ("dyspnoea", "dyspnea"),
        ("foetal", "fetal"),
        ("coeliac", "celiac"),
        ("amoebiasis", "amebiasis"),
        ("tumours", "tumors"),
        ("goitre", "goiter"),
        ("localised", "localized"),
        ("sensitisation", "sensitization"),
        ("paralysed", "paralyzed"),
        ("sulphate", "sulfate"),
        ("signalling", "signaling"),
        ("neurological", "neurologic"),
        ("pterygia", "pterygium"),
        ("varices", "varix"),
    ],
)
def test_both_spellings_have_one_form(british: str, american: str) -> None:
    assert one_spelling(british) == one_spelling(american)


@pytest.mark.parametrize(
    "word",
    [
        "thromboembolism",
        "chloroethyl",
        "gastroenteritis",
        "poem",
        "disease",
        "clinical",
        "chemical",
        "medical",
        "virus",
        "diabetes",
        "ascites",
        "lens",
    ],
)
def test_other_words_stay_as_they_are(word: str) -> None:
    assert one_spelling(word) == word
