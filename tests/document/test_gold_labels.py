import pytest

from biopipe.document import Document, Mention
from biopipe.document.gold_labels import choose_labels
from biopipe.errors import InputError


def test_labels_are_those_of_the_gold_unless_chosen() -> None:
    gold = [Document("a", "x y z", mentions=(Mention(0, 1, "Gene"), Mention(2, 3, "Disease")))]
    assert choose_labels(gold, None) == ["Disease", "Gene"]
    assert choose_labels(gold, ["Gene"]) == ["Gene"]
    with pytest.raises(InputError, match="the label 'Drug'; the gold has: Disease, Gene"):
        choose_labels(gold, ["Drug"])
    with pytest.raises(InputError, match="None of the 1 gold documents has a mention"):
        choose_labels([Document("a", "One")], None)
