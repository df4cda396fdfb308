"""What of a mention is compared with names by spelling and meaning."""

import pytest

from biopipe.linking.compared_texts import compared_texts
from biopipe.linking.requests import LinkingRequest


@pytest.mark.parametrize(
    ("request_", "texts"),
    [
        (LinkingRequest("Disease", ("asthma",)), {"asthma": 1.0}),
        (LinkingRequest("Disease", ("myotonic dystrophy", "DM")), {"myotonic dystrophy": 1.0}),
        (
            LinkingRequest("Disease", ("MS/ALS", "multiple sclerosis/ALS")),
            {"MS/ALS": 1.0, "multiple sclerosis/ALS": 1.0},
        ),
        (
            LinkingRequest("Disease", ("severe asthma",)),
            {"severe asthma": 1.0, "asthma": 0.95},
        ),
        (LinkingRequest("Disease", ("renal damage",)), {"renal damage": 1.0}),
        (LinkingRequest("Gene", ("p53 gene",)), {"p53 gene": 1.0}),
    ],
)
def test_a_bare_short_form_and_other_words_are_left_out(
    request_: LinkingRequest, texts: dict[str, float]
) -> None:
    assert compared_texts(request_) == texts
