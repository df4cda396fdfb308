from collections.abc import Sequence

from biopipe import Predictor, PredictorInfo, Resource
from biopipe.document import Document


class Inheriting(Predictor):
    info = PredictorInfo(name="inheriting")

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        return list(documents)


class Structural:
    """Follows the protocol without inheriting from it."""

    def __init__(self) -> None:
        self.info = PredictorInfo(name="structural", gives=frozenset({"mentions"}))

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        return list(documents)

    def resources(self) -> tuple[Resource, ...]:
        return (Resource(role="model", name="m", hash="0"),)

    def share_states(self, graphs: frozenset[str]) -> None:
        pass


class Half:
    """Only predicts, and says nothing of itself."""

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        return list(documents)


def test_a_predictor_inherits_or_just_has_the_members() -> None:
    inheriting: Predictor = Inheriting()
    structural: Predictor = Structural()
    assert isinstance(structural, Predictor)
    assert not isinstance(Half(), Predictor)
    assert inheriting.resources() == ()
    inheriting.share_states(frozenset({"x"}))
    assert inheriting.info == PredictorInfo(name="inheriting")
    assert (inheriting.info.needs, inheriting.info.reads_states) == (frozenset(), "")
