"""Classes of matches and their scores."""

import pytest

from biopipe.kb.prior import Match, match_name, prior, shares


@pytest.mark.parametrize(
    ("surface", "name", "match", "symbol"),
    [
        ("BRCA1", "BRCA1", Match.IDENTICAL, True),
        ("IL-6", "IL6", Match.PUNCTUATION, True),
        ("Il6", "IL6", Match.CASE, True),
        ("breast cancer", "Breast Cancer", Match.CASE, False),
        ("tumours", "Tumor", Match.FORM, False),
        ("OBESITY", "obesity", Match.CASE, False),
        ("asthma", "ASTHMA", Match.CASE, False),
        ("HbA1c", "HbA1c", Match.IDENTICAL, True),
        ("5-hydroxytryptamine", "5-hydroxytryptamine", Match.IDENTICAL, False),
        ("h2o2", "h2o2", Match.IDENTICAL, False),
    ],
)
def test_classes(surface: str, name: str, match: Match, symbol: bool) -> None:
    found = match_name(surface, name, "name", 3)
    assert (found.concept, found.match, found.symbol) == (3, match, symbol)


def test_every_score_is_a_probability_and_falls_with_the_match() -> None:
    for name in ("BRCA1", "breast cancer"):
        for kind in ("name", "exact", "related"):
            for gene in (True, False):
                surfaces = [name, name.replace("1", "-1").replace(" ", "-"), name.title()]
                scores = [
                    prior(match_name(surface, name, kind, 0), gene=gene) for surface in surfaces
                ]
                scores.append(prior(match_name(name, name, kind, 0, in_order=False), gene=gene))
                assert scores == sorted(scores, reverse=True)
                assert all(0 < score < 1 for score in scores)


def test_genes_and_related_names_are_less_certain() -> None:
    symbol = match_name("WASP", "WASP", "exact", 0)
    assert prior(symbol, gene=True) < prior(symbol, gene=False)
    assert prior(match_name("cold", "cold", "related", 0), gene=False) < prior(
        match_name("cold", "cold", "exact", 0), gene=False
    )


def test_capitals_are_not_quite_the_word() -> None:
    assert prior(match_name("CAT", "cat", "name", 0), gene=False) == 0.6
    assert prior(match_name("Cat", "cat", "name", 0), gene=False) == 0.95


@pytest.mark.parametrize("count", [1, 2, 3, 9])
@pytest.mark.parametrize("symbol", [True, False])
def test_shares_make_one(count: int, symbol: bool) -> None:
    parts = shares(count, symbol=symbol)
    assert len(parts) == count
    assert sum(parts) == pytest.approx(1)
    assert parts[0] == max(parts) or count == 2
