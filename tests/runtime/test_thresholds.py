import pytest

from biopipe.errors import ConfigError
from biopipe.runtime.thresholds import label_thresholds

OWN = {"A": 0.3, "B": 0.4}


def test_one_number_a_mapping_or_the_models_own() -> None:
    assert label_thresholds(None, OWN, owner="m") == OWN
    assert label_thresholds(0.5, OWN, owner="m") == {"A": 0.5, "B": 0.5}
    assert label_thresholds({"B": 1}, OWN, owner="m") == {"A": 0.3, "B": 1.0}


@pytest.mark.parametrize("wanted", [-0.1, 1.1, {"B": 2}])
def test_a_threshold_is_a_probability(wanted: float | dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=r"threshold of m for '[AB]' is [-.0-9]+; give a number"):
        label_thresholds(wanted, OWN, owner="m")


def test_an_unknown_label_is_answered_with_the_labels() -> None:
    with pytest.raises(ConfigError, match=r"Unknown label 'C' .* of m; its labels are: A, B"):
        label_thresholds({"C": 0.5}, OWN, owner="m")
