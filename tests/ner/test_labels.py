import numpy as np
import pytest

from biopipe.errors import ModelError
from biopipe.ner.decode import decode, word_scores
from biopipe.ner.labels import TagSet, bio_tags

NAMES = ("Disease", "Gene")
SCHEMES = {
    "BIO": ["O", "B-Disease", "I-Disease", "B-Gene", "I-Gene"],
    "lower case, other order": ["i-gene", "b-disease", "o", "b-gene", "i-disease"],
    "underscores": ["O", "B_Disease", "I_Disease", "B_Gene", "I_Gene"],
    "part last": ["Disease-B", "Disease-I", "Gene-B", "Gene-I", "O"],
    "BIOES": ["O", *(f"{part}-{name}" for name in NAMES for part in "BIES")],
    "BILOU": ["O", *(f"{part}-{name}" for name in NAMES for part in "BILU")],
    "with pieces and padding": [
        "X",
        "[CLS]",
        "[SEP]",
        "PAD",
        "O",
        "B-Disease",
        "I-Disease",
        "B-Gene",
        "I-Gene",
    ],
}
# Two words of a disease, two diseases of one word, a gene.
PATH = ["O", "B-Disease", "I-Disease", "B-Disease", "B-Gene", "O"]
BIOES = ["O", "B-Disease", "E-Disease", "S-Disease", "S-Gene", "O"]
WANTED = [(1, 2, "disease"), (3, 3, "disease"), (4, 4, "gene")]


def mentions(tags: list[str], path: list[int]) -> list[tuple[int, int, str]]:
    """Decoded spans where the classifier is sure of `path`, one word a piece."""
    logits = np.zeros((len(path), len(tags)), dtype=np.float32)
    logits[np.arange(len(path)), path] = 9
    tag_set = TagSet.from_tags(tags)
    log_probs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    spans = decode(word_scores(log_probs, np.arange(len(path)), tag_set))
    return [(s.first, s.last, tag_set.labels[s.label].lower()) for s in spans]


def column(tags: list[str], tag: str) -> int:
    """Of a tag written as O or PART-Label, however `tags` writes it."""
    part, _, label = tag.upper().partition("-")
    forms = {part, f"{part}-{label}", f"{part}_{label}", f"{label}-{part}"}
    if not label:
        forms = {part}
    else:
        forms -= {part}
        forms |= {
            form.replace("E-", "L-").replace("S-", "U-")
            for form in forms
            if form[:2] in {"E-", "S-"}
        }
    return next(number for number, each in enumerate(tags) if each.upper() in forms)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_scheme_gives_the_same_mentions(scheme: str) -> None:
    tags = SCHEMES[scheme]
    path = BIOES if scheme in {"BIOES", "BILOU"} else PATH
    assert mentions(tags, [column(tags, tag) for tag in path]) == WANTED


@pytest.mark.parametrize("tags", [["O", "I-Disease", "I-Gene"], ["Gene", "Disease", "O"]])
def test_adjacent_words_of_an_io_tagger_are_one_mention(tags: list[str]) -> None:
    names = [tag.removeprefix("I-") for tag in tags]
    path = [names.index(name) for name in ("O", "Disease", "Disease", "Gene", "O", "Gene")]
    assert mentions(tags, path) == [(1, 2, "disease"), (3, 3, "gene"), (5, 5, "gene")]


def test_a_label_without_i_has_mentions_of_one_word() -> None:
    tags = ["O", "B-Variant", "B-Gene", "I-Gene"]
    assert mentions(tags, [1, 1, 2, 3]) == [(0, 0, "variant"), (1, 1, "variant"), (2, 3, "gene")]


def test_one_label_in_two_cases_is_one_label() -> None:
    tags = TagSet.from_tags(["O", "B-DISEASE", "I-Disease"])
    assert (tags.labels, tags.begin.tolist(), tags.inside.tolist()) == (("DISEASE",), [1], [2])


def test_our_own_tags_are_read_as_they_were_written() -> None:
    tags = TagSet.from_tags(bio_tags(NAMES))
    assert (tags.labels, tags.outside, tags.joined) == (NAMES, 0, ())
    assert (tags.begin.tolist(), tags.inside.tolist()) == ([1, 3], [2, 4])


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        (["LABEL_0", "LABEL_1"], "'LABEL_0' has no name"),
        (["B-Gene", "I-Gene"], "lacks O"),
        (["O", "B-Gene"], "no tag I or E"),
        (["O", "X-Gene"], "Unknown tag 'X-Gene'"),
        (["O", "B", "I"], "Unknown tag 'B'"),
    ],
)
def test_what_is_no_tag_set_is_refused(tags: list[str], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        TagSet.from_tags(tags)
