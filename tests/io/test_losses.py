from biopipe.document import Abbreviation, Candidate, Document, Mention, Passage, Relation
from biopipe.io.losses import EVERYTHING, HeldFields, Losses, count_losses

DOCUMENT = Document(
    "1",
    "IL-6 rises",
    (
        Mention(
            0, 4, "Gene", 0.5, ("X:1",), (Candidate("X:1", "a", 1.0), Candidate("X:2", "b", 0.0))
        ),
        Mention(5, 10, "Gene", assertion=frozenset({"negated", "past"})),
    ),
    (Relation("X:1", "X:2", "r", head_name="a", tail_name="b", subject="X:1"),),
    (Passage("title", 0, 10),),
    abbreviations=(Abbreviation(0, 1, 1, 2),),
    meta={"date": "2020", "journal": "J"},
    windows=3,
)


def lost(held: HeldFields) -> dict[str, int]:
    losses = Losses()
    count_losses(DOCUMENT, held, losses)
    return dict(losses.counts)


def test_what_is_not_held_is_counted_once() -> None:
    assert lost(
        HeldFields.of("id text mentions relations", "start end label", "head tail label")
    ) == {
        "passages": 1,
        "abbreviations": 1,
        "meta entries": 2,
        "scores of mentions": 1,
        "concept ids of mentions": 1,
        "candidates of mentions": 2,
        "assertions of mentions": 2,
        "labels and names of the ends of relations": 1,
        "directions of relations": 1,
    }


def test_mentions_that_are_not_held_are_lost_as_a_whole() -> None:
    assert lost(HeldFields.of("id text passages abbreviations meta")) == {
        "mentions": 2,
        "relations": 1,
    }


def test_nothing_is_lost_where_everything_is_held() -> None:
    assert lost(EVERYTHING) == {}


def test_losses_say_how_many_of_what() -> None:
    losses = Losses()
    assert not losses
    losses.add("nothing", 0)
    losses.add("tags", 1200)
    losses.add("words")
    assert (bool(losses), str(losses)) == (True, "1,200 tags, 1 words")
