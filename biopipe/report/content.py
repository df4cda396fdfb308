"""What a report's page shows, as one JSON object."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from biopipe.document.labels import ASSERTIONS
from biopipe.graph.parts import read_source
from biopipe.io.run_output.counts import Counts
from biopipe.io.run_output.folder import read_run_file
from biopipe.io.run_output.journal import read_journal
from biopipe.language.colours import assertion_marks, label_colour
from biopipe.report.concepts import RankedConcepts, rank_concepts
from biopipe.report.counts import RunTally, tally_run
from biopipe.report.documents import PageDocument, assertion_bits, page_documents
from biopipe.report.facts import choose_documents, relation_facts
from biopipe.report.failures import failure_rows, run_facts
from biopipe.report.options import ReportOptions
from biopipe.report.pairs import ConceptPair, GraphPairs, choose_pairs
from biopipe.report.texts import TextReader

__all__ = ["report_content"]

# Scores go into the page as whole per cent, which is what it shows: half the bytes.
_PERCENT = 100


def report_content(
    output: Path, options: ReportOptions, *, copies: Path | None = None
) -> dict[str, Any]:
    """Everything of the output folder of a run that its page shows; InputError when it is none.

    Texts of inputs that are addresses are fetched into the folder `copies`, by default one in the
    user's cache folder. Lists that belong to many things are columns of numbers: places in
    `concepts`, `labels` and `documents`. `docs/report.md` says how much is left out, in what order.
    """
    source = read_source(output)
    run_file = read_run_file(output) or {}
    counts = Counts()
    for part in read_journal(output).values():
        counts.add(part.counts)
    tally = tally_run(source)
    ranked = rank_concepts(tally)
    pairs = choose_pairs(source, tally, ranked, options)
    facts = relation_facts(source, pairs.relations, options)
    numbers = choose_documents(facts, pairs, tally.text_lengths, options)
    reader = TextReader(output, run_file, copies) if options.texts else None
    documents = list(page_documents(source, numbers, reader))
    page = _PageConcepts(ranked, pairs, documents, options)
    return {
        "run": run_facts(source, run_file),
        "counts": _counts(counts, tally, ranked),
        "labels": page.label_rows(counts),
        "assertions": _assertion_rows(),
        "years": sorted([year, count] for year, count in tally.years.items() if year),
        "concepts": page.rows(),
        "listed": page.listed,
        "graph": _graph(page, pairs, facts, {n: place for place, n in enumerate(numbers)}, options),
        "documents": [_document(document, page) for document in documents],
        "errors": failure_rows(source),
        "limits": _limits(tally),
        "cut": _cut(tally, ranked, pairs, page, documents, options),
    }


class _PageConcepts:
    """The concepts that a page names: those listed, those of the graph, those of its documents."""

    def __init__(
        self,
        ranked: RankedConcepts,
        pairs: GraphPairs,
        documents: Sequence[PageDocument],
        options: ReportOptions,
    ) -> None:
        self.ranked = ranked
        self._by_label = ranked.by_label()
        mentioned = {
            mention["label"] for document in documents for mention in document.mentions
        } - self._by_label.keys()
        self.labels = [*self._by_label, *sorted(mentioned)]
        listed = [place for all in self._by_label.values() for place in all[: options.concepts]]
        nodes = [ranked.place[id] for id in pairs.nodes if id in ranked.place]
        self._dated = set(listed) | set(nodes)
        others = {
            ranked.place[id]
            for document in documents
            for mention in document.mentions
            for id in mention["concept_ids"]
        }
        # Those with years first: the column is then empty from one place on.
        self._places = sorted(self._dated) + sorted(others - self._dated)
        self.place = {ranked.ids[place]: number for number, place in enumerate(self._places)}
        self.listed = [self.place[ranked.ids[place]] for place in sorted(listed)]

    def label_place(self, label: str) -> int:
        """The place of a label in `labels`."""
        return self.labels.index(label)

    def label_rows(self, counts: Counts) -> list[dict[str, Any]]:
        """Colours and counts of the labels, in their order."""
        rows = []
        for label in self.labels:
            colour = label_colour(label)
            rows.append(
                {
                    "name": label,
                    "fill": colour.fill,
                    "line": colour.line,
                    "mentions": counts.mentions[label],
                    "linked": counts.linked[label],
                    "concepts": len(self._by_label.get(label, ())),
                }
            )
        return rows

    def rows(self) -> dict[str, list[Any]]:
        """Columns of the concepts; `years` alternates year and documents, of those listed."""
        ranked, places = self.ranked, self._places
        years = ranked.years_of(self._dated)
        return {
            "id": [ranked.ids[place] for place in places],
            "name": [ranked.names[place] for place in places],
            "label": [self.label_place(ranked.labels[place]) for place in places],
            "documents": [ranked.documents[place] for place in places],
            "mentions": [ranked.mentions[place] for place in places],
            "years": [_flat(sorted(years.get(place, {}).items())) for place in places],
        }


def _assertion_rows() -> list[dict[str, str]]:
    marks = assertion_marks()
    return [
        {"name": name, "sign": marks[name].sign, "words": marks[name].words} for name in ASSERTIONS
    ]


def _limits(tally: RunTally) -> dict[str, Any]:
    """Documents that were cut short, and how often each limit did it."""
    kinds = sorted(tally.limits.items(), key=lambda item: (-item[1], item[0]))
    return {"documents": tally.limited_documents, "kinds": kinds}


def _counts(counts: Counts, tally: RunTally, ranked: RankedConcepts) -> dict[str, Any]:
    return {
        "documents": tally.documents,
        "undated": tally.years[0],
        "mentions": sum(counts.mentions.values()),
        "linked": sum(counts.linked.values()),
        "concepts": len(ranked.ids),
        "relations": dict(counts.relations.most_common()),
        "novel": dict(counts.novel),
        "unlinked_relations": tally.unlinked_relations,
        "errors": counts.errors,
    }


def _graph(
    page: _PageConcepts,
    pairs: GraphPairs,
    facts: Sequence[Mapping[str, Any]],
    places: Mapping[int, int],
    options: ReportOptions,
) -> dict[str, Any]:
    """Edges and facts; the edges of concepts named together come after those of relations."""
    shown = [*pairs.relations, *pairs.together]
    # An end that no mention has (a relation's own) cannot be a node.
    edges = [_edge(pair, page) for pair in shown]
    rows = [
        [
            fact["edge"],
            places.get(fact["document"], -1),
            fact["year"],
            round(_PERCENT * fact["score"]),
            fact["novel"],
            fact["acts"],
            assertion_bits(fact["assertion"]),
            *(
                _flat((span["start"], span["end"]) for span in fact["evidence"] or ())
                if fact["document"] in places
                # Spans are of no use without the text they point into.
                else ()
            ),
        ]
        for fact in facts
    ]
    return {
        "edges": edges,
        "facts": rows,
        "together": [_kept(numbers.tolist(), places, options) for numbers in pairs.co_documents],
        "directed": any(fact["acts"] for fact in facts),
    }


def _kept(numbers: list[int], places: Mapping[int, int], options: ReportOptions) -> list[int]:
    """The places of documents, those that the page holds."""
    return [places[number] for number in numbers if number in places][: options.evidence]


def _edge(pair: ConceptPair, page: _PageConcepts) -> list[Any]:
    ends = [page.place.get(end, -1) for end in (pair.first, pair.second)]
    return [*ends, pair.label, pair.documents, round(pair.chance, 2)]


def _document(document: PageDocument, page: _PageConcepts) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": document.id,
        "date": document.date,
        "mentions": [
            [
                mention["start"],
                mention["end"],
                page.label_place(mention["label"]),
                round(_PERCENT * mention["score"]),
                assertion_bits(mention["assertion"]),
                *(page.place[id] for id in mention["concept_ids"]),
            ]
            for mention in document.mentions
        ],
    }
    if document.text is None:
        row["words"] = [mention["text"] for mention in document.mentions]
    else:
        row["text"] = document.text
        row["sentences"] = _flat(document.sentences)
    if document.title:
        row["title"] = document.title
    if document.limits:
        row["limits"] = document.limits
    return row


def _cut(
    tally: RunTally,
    ranked: RankedConcepts,
    pairs: GraphPairs,
    page: _PageConcepts,
    documents: Sequence[PageDocument],
    options: ReportOptions,
) -> dict[str, Any]:
    """What there is, beside what the page holds, for its sentences about what was cut."""
    return {
        "documents": [len(documents), tally.documents],
        "concepts": [len(page.listed), len(ranked.ids)],
        "per_label": options.concepts,
        "nodes": [len(pairs.nodes), len(ranked.ids)],
        "relations": [len(pairs.relations), pairs.all_relations],
        "together": [len(pairs.together), pairs.all_together],
        "evidence": options.evidence,
        "texts": options.texts,
        "missing": sum(document.text is None for document in documents),
        "changed": sum(document.changed for document in documents),
    }


def _flat(pairs: Iterable[tuple[int, int]]) -> list[int]:
    return [number for pair in pairs for number in pair]
