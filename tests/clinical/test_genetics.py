import pytest

from biopipe.clinical.genetics import GeneticMentions
from biopipe.document import Document, Mention

LABELS = {"g": "Gene", "v": "Variant", "t": "Test", "u": "Value", "d": "Disease"}


def found_by_two(text: str, *mentions: str) -> Document:
    """`text` with mentions such as "g EGFR", each at the first place of its words."""
    made = []
    for mention in mentions:
        kind, words = mention.split(" ", 1)
        start = text.index(words)
        made.append(Mention(start, start + len(words), LABELS[kind]))
    return Document("1", text, tuple(made))


def kept(document: Document) -> list[str]:
    (answer,) = GeneticMentions().predict([document])
    letters = {label: letter for letter, label in LABELS.items()}
    return [f"{letters[m.label]} {document.text[m.start : m.end]}" for m in answer.mentions]


@pytest.mark.parametrize(
    ("text", "mentions", "gone"),
    [
        ("EGFR L858R positive", ["g EGFR", "v L858R", "t EGFR", "t L858R", "u positive"], 2),
        ("has a KRAS G12C mutation", ["g KRAS", "v G12C", "t KRAS G12C mutation"], 1),
        ("HER2 amplified by FISH", ["g HER2", "t HER2"], 1),
        ("PTEN loss, MGMT: methylated", ["g PTEN", "g MGMT", "t PTEN", "t MGMT"], 2),
        ("A germline mutation in CDH1 was found", ["g CDH1", "t mutation in CDH1"], 1),
        ("sequencing of the SCN1A gene", ["g SCN1A", "t SCN1A gene"], 1),
        ("V617F: detected", ["v V617F", "t V617F"], 1),
        ("carries c.1504C>T", ["v c.1504C>T", "u c.1504C>"], 1),
        # The others of the sentence, but not those of the next one.
        ("BRAF V600E, ALK negative", ["g BRAF", "v V600E", "g ALK", "t ALK", "u negative"], 1),
        ("BRAF V600E. ALK negative.", ["g BRAF", "v V600E", "g ALK", "t ALK", "u negative"], 0),
        # A usual test is one wherever it stands.
        ("TP53 mutated, CRP 12 mg/L", ["g TP53", "g CRP", "t CRP", "u 12 mg/L"], 0),
        # Nothing says that these are genes.
        ("haptoglobin low; positive for CD20", ["g haptoglobin", "g CD20", "t CD20"], 0),
        ("She is G10P9018", ["v G10P9018", "t G10P9018"], 0),
        # A disease is not taken away.
        ("BRCA1 mutation carrier syndrome", ["g BRCA1", "d BRCA1 mutation carrier syndrome"], 0),
    ],
)
def test_what_stands_in_the_place_of_a_gene_goes(text: str, mentions: list[str], gone: int) -> None:
    answer = kept(found_by_two(text, *mentions))
    assert len(mentions) - len(answer) == gone
    assert [m for m in answer if m[0] in "gvd"] == [m for m in mentions if m[0] in "gvd"]


def test_a_document_without_mentions_stays_as_it_is() -> None:
    document = Document("1", "No mutation of anything.")
    assert GeneticMentions().predict([document]) == [document]
