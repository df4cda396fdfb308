"""The concepts of a run in order, and which of them a page shows."""

from collections import Counter, defaultdict
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from biopipe.report.counts import RunTally

__all__ = ["RankedConcepts", "rank_concepts"]


@dataclass(frozen=True, slots=True)
class RankedConcepts:
    """The concepts of a run, those of most documents first; the lists are as long as `ids`.

    `labels` are the most frequent ones, `names` the most frequent preferred names (else the id).
    """

    ids: list[str]
    names: list[str]
    labels: list[str]
    documents: list[int]
    mentions: list[int]
    place: dict[str, int]
    years: pa.Table

    def by_label(self) -> dict[str, list[int]]:
        """The places of the concepts of each label, the label of most concepts first."""
        places: defaultdict[str, list[int]] = defaultdict(list)
        for place, label in enumerate(self.labels):
            places[label].append(place)
        return dict(sorted(places.items(), key=lambda item: (-len(item[1]), item[0])))

    def years_of(self, places: set[int]) -> dict[int, dict[int, int]]:
        """Documents by year (without those that have no date) of some concepts."""
        # Of the table's own type: Arrow compares no large strings with strings.
        ids = pa.array([self.ids[place] for place in places], self.years.schema.field("id").type)
        rows = self.years.filter(pc.is_in(self.years["id"], value_set=ids)).to_pylist()
        years: dict[int, dict[int, int]] = {place: {} for place in places}
        for row in rows:
            if row["year"] != "0":
                years[self.place[row["id"]]][int(row["year"])] = row["documents"]
        return years


def rank_concepts(tally: RunTally) -> RankedConcepts:
    """All concepts of a run, by documents, then mentions, then id."""
    years = tally.concept_years.table()
    totals = years.group_by("id").aggregate([("documents", "sum")])
    documents = dict(
        zip(totals["id"].to_pylist(), totals["documents_sum"].to_pylist(), strict=True)
    )
    mentions: Counter[str] = Counter()
    labels: dict[str, Counter[str]] = defaultdict(Counter)
    names: dict[str, Counter[str]] = defaultdict(Counter)
    for row in tally.concept_names.table().to_pylist():
        mentions[row["id"]] += row["mentions"]
        labels[row["id"]][row["label"]] += row["mentions"]
        if row["name"]:
            names[row["id"]][row["name"]] += row["mentions"]
    # Down to the id, so that equal runs give equal pages.
    order = sorted(documents, key=lambda id: (-documents[id], -mentions[id], id))
    return RankedConcepts(
        order,
        [_first(names[id]) if id in names else id for id in order],
        [_first(labels[id]) for id in order],
        [documents[id] for id in order],
        [mentions[id] for id in order],
        {id: place for place, id in enumerate(order)},
        years,
    )


def _first(counts: Counter[str]) -> str:
    """The most frequent; of several the one that sorts first."""
    return min(counts, key=lambda text: (-counts[text], text))
