"""Causes and grades are stripped; what changes the concept is not."""

import pytest

from biopipe.kinds.disease.names import disease_names


@pytest.mark.parametrize(
    ("surface", "forms"),
    [
        ("ribavirin-induced hemolytic anemia", ("hemolytic anemia",)),
        ("contrast media-induced nephropathy", ("nephropathy",)),
        ("severe bilateral uveitis", ("uveitis",)),
        ("cisplatin-associated severe nausea", ("severe nausea", "nausea")),
        ("chronic hepatitis", ()),
        ("hereditary breast cancer", ()),
        ("asthma", ()),
        ("severe", ()),
        ("drug-induced", ()),
    ],
)
def test_plainer_forms(surface: str, forms: tuple[str, ...]) -> None:
    assert disease_names(surface)[: len(forms)] == forms


@pytest.mark.parametrize(
    ("surface", "form"),
    [
        ("hypotensive", "hypotension"),
        ("epileptic", "epilepsy"),
        ("psychotic", "psychosis"),
        ("diabetic", "diabetes"),
        ("ischemic", "ischemia"),
        ("HIV-infected", "HIV-infection"),
        ("G6PD deficient", "G6PD deficiency"),
        ("depressed", "depression"),
        ("obese", "obesity"),
        ("Lesch-Nyhan", "Lesch-Nyhan syndrome"),
        ("bipolar", "bipolar disorder"),
        ("psychiatric", "psychiatric disorder"),
        ("renal damage", "kidney disease"),
        ("cardiac involvement", "heart disease"),
        ("cutaneous manifestations", "abnormality of the skin"),
        ("nephropathy", "kidney disease"),
        ("severe neurotoxicity", "neurotoxicity syndrome"),
        ("hepatotoxicity", "drug-induced liver injury"),
        ("prostate adenocarcinomas", "prostate cancer"),
        ("bladder tumorigenesis", "bladder neoplasm"),
        ("liver tumours", "liver neoplasm"),
        ("decreased renal function", "renal insufficiency"),
        ("deterioration of kidney function", "kidney insufficiency"),
        ("severe left ventricular function impairment", "left ventricular dysfunction"),
        ("otic anomalies", "abnormality of the ear"),
        ("articular manifestations", "abnormality of the joints"),
    ],
)
def test_words_that_terminologies_have(surface: str, form: str) -> None:
    assert form in disease_names(surface)


@pytest.mark.parametrize(
    "surface", ["impaired glucose tolerance", "renal function", "increased renal function"]
)
def test_only_a_function_that_is_less_is_an_insufficiency(surface: str) -> None:
    assert not any(form.endswith("insufficiency") for form in disease_names(surface))


@pytest.mark.parametrize("surface", ["chronic hepatitis", "hereditary breast cancer", ""])
def test_names_with_a_head_get_no_other(surface: str) -> None:
    assert not any(form.endswith(("disease", "syndrome")) for form in disease_names(surface))


@pytest.mark.parametrize("surface", ["Hepatic", "liver", "renal"])
def test_an_organ_alone_is_no_disease_that_lacks_a_word(surface: str) -> None:
    assert not [form for form in disease_names(surface) if " " in form]
