import json
import math
import random
import shutil
from collections import Counter, defaultdict
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from biopipe.document import Candidate, Document, Mention, Relation
from biopipe.errors import ConfigError, InputError, OutputError
from biopipe.graph import GraphOptions, build_graph
from biopipe.graph import parts as parts_module
from biopipe.graph import tally as tally_module
from biopipe.io.run_output.journal import file_mark
from biopipe.kinds.variant.genes import with_genes_of_variants

LABELS = ("Positive_Correlation", "Negative_Correlation", "Association")
TYPES = ("Gene", "Disease", "Chemical")
DATES = ("2016", "2016-03", "2016-03-04", "1999-12-31", "n.d.", "2016-02-31", "")


def table(graph: Path, name: str):
    return pq.read_table(graph / f"{name}.parquet").to_pylist()


def document(name: str, *relations: Relation, date: str = "") -> Document:
    """Mentions X:1 and X:2 of "aspirin pain"."""
    mentions = (
        Mention(
            0,
            7,
            "Chemical",
            concept_ids=("X:1",),
            candidates=(Candidate("X:1", "Acetylsalicylic acid", 0.9),),
        ),
        Mention(8, 12, "Disease", concept_ids=("X:2",)),
    )
    return Document(
        name, "aspirin pain", mentions, tuple(relations), meta={"date": date} if date else {}
    )


def treats(score: float, label: str = "Association", *, novel: bool | None = None) -> Relation:
    return Relation("X:1", "X:2", label, score, novel, evidence=((0, 12),))


def random_documents(prefix: str, count: int, seed: int) -> list[Document]:
    """Documents with composite, repeated and unlinked mentions, ids of several types, and all kinds
    of dates.
    """
    chance = random.Random(seed)
    found = []
    for number in range(count):
        text = "abcdefghij" * 3
        mentions, ids = [], []
        for start in sorted(chance.sample(range(25), chance.choice([0, 1, 3, 6]))):
            own = tuple(chance.choice("ABCDE") for _ in range(chance.choice([0, 1, 1, 1, 2])))
            names = tuple(
                Candidate(each, f"name {each}{chance.randrange(2)}", 0.5)
                for each in dict.fromkeys(own)
            )
            assertion = frozenset(chance.sample(["Negated", "Uncertain"], chance.choice([0, 0, 1])))
            mentions.append(
                Mention(start, start + 3, chance.choice(TYPES), 0.5, own, names, assertion)
            )
            ids += own
        pairs = (
            {tuple(chance.sample(sorted({*ids, "NIL:Gene/x_y"}), 2)) for _ in range(4)}
            if ids
            else set()
        )
        relations = tuple(
            Relation(
                head,
                tail,
                chance.choice(LABELS),
                np.float32(chance.random()).item(),
                chance.choice([None, True, False]),
                0.5,
                ((0, 5),),
            )
            for head, tail in sorted(pairs)
        )
        date = chance.choice(DATES)
        meta = {"date": date} if date else {}
        found.append(Document(f"{prefix}{number}", text, tuple(mentions), relations, meta=meta))
    return found


def test_the_numbers_are_those_of_a_plain_count(write_run, tmp_path, monkeypatch):
    monkeypatch.setattr(parts_module, "_ROWS", 40)
    monkeypatch.setattr(tally_module, "_LEAST_WAITING", 50)
    documents = random_documents("d", 120, seed=1)
    build_graph([write_run("out", documents[:50], documents[50:])], tmp_path / "graph")
    mentions, held, types, texts = Counter(), defaultdict(set), Counter(), Counter()
    names = Counter()
    doubt, novel, edge_documents = defaultdict(dict), defaultdict(set), defaultdict(set)
    for each in documents:
        for mention in each.mentions:
            for id_ in dict.fromkeys(mention.concept_ids):
                mentions[id_] += 1
                held[id_].add(each.id)
                types[id_, mention.label] += 1
                texts[id_, each.text[mention.start : mention.end]] += 1
                names[id_, next(c.name for c in mention.candidates if c.concept_id == id_)] += 1
        for relation in each.relations:
            if relation.head.startswith("NIL:") or relation.tail.startswith("NIL:"):
                continue
            key = (*sorted((relation.head, relation.tail)), relation.label)
            edge_documents[key].add(each.id)
            doubt[key][each.id] = max(doubt[key].get(each.id, 0.0), relation.score)
            if relation.novel:
                novel[key].add(each.id)
    nodes = {row["id"]: row for row in table(tmp_path / "graph", "nodes")}
    assert {id_: row["mentions"] for id_, row in nodes.items()} == mentions
    assert {id_: row["documents"] for id_, row in nodes.items()} == {
        k: len(v) for k, v in held.items()
    }
    for column, field, counts in (
        ("types", "type", types),
        ("texts", "text", texts),
        ("names", "name", names),
    ):
        stored = {(id_, e[field]): e["mentions"] for id_, row in nodes.items() for e in row[column]}
        assert stored == counts
    for row in nodes.values():
        assert row["types"] == sorted(
            row["types"], key=lambda each: (-each["mentions"], each["type"])
        )
        assert (row["type"], row["name"]) == (row["types"][0]["type"], row["names"][0]["name"])
    edges = {
        (row["head"], row["tail"], row["label"]): row for row in table(tmp_path / "graph", "edges")
    }
    assert {key: row["documents"] for key, row in edges.items()} == {
        k: len(v) for k, v in edge_documents.items()
    }
    assert {key: row["novel"] for key, row in edges.items() if row["novel"]} == {
        k: len(v) for k, v in novel.items()
    }
    for key, row in edges.items():
        expected = 1 - math.prod(1 - score for score in doubt[key].values())
        assert row["confidence"] == pytest.approx(expected, abs=1e-7)
        best = sorted(doubt[key].items(), key=lambda each: (-each[1], each[0]))
        if len(doubt[key]) == row["documents"]:
            assert row["examples"][0]["document_id"] == best[0][0]


@pytest.mark.parametrize("options", [GraphOptions(), GraphOptions(nil=True, directed=True)])
def test_adding_day_by_day_equals_building_from_all(write_run, tmp_path, monkeypatch, options):
    days = []
    for day in range(4):
        documents = random_documents(f"{day}-", 30, seed=day)
        documents += random_documents(
            "repeated-", 5, seed=9
        )  # in every day's file, as revised citations are
        days.append(write_run(f"day{day}", documents[:15], documents[15:]))
    build_graph(days, tmp_path / "all", options=options)
    monkeypatch.setattr(tally_module, "_LEAST_WAITING", 20)
    monkeypatch.setattr(parts_module, "_ROWS", 25)
    build_graph(days[:1], tmp_path / "days", options=options)
    for day in days[1:]:
        summary = build_graph([day], tmp_path / "days", add=True)
    assert summary.counts["repeated_documents"] == 15
    for name in ("nodes", "edges"):
        assert pq.read_table(tmp_path / "all" / f"{name}.parquet").equals(
            pq.read_table(tmp_path / "days" / f"{name}.parquet")
        )
    assert np.array_equal(
        np.load(tmp_path / "all/documents.npy"), np.load(tmp_path / "days/documents.npy")
    )
    evidence = [
        pq.read_table(tmp_path / name / "evidence").sort_by("document_id")
        for name in ("all", "days")
    ]
    assert evidence[0].num_rows > 50
    assert evidence[0].equals(evidence[1])
    records = [json.loads((tmp_path / name / "graph.json").read_text()) for name in ("all", "days")]
    assert records[0] == records[1]


def test_the_order_of_parts_does_not_matter(write_run, tmp_path):
    outputs = [write_run(name, random_documents(name, 40, seed)) for seed, name in enumerate("xyz")]
    build_graph(outputs, tmp_path / "one")
    build_graph(outputs[::-1], tmp_path / "two")
    for name in ("nodes", "edges"):
        assert table(tmp_path / "one", name) == table(tmp_path / "two", name)


def test_the_same_output_is_added_once_also_from_another_folder(write_run, tmp_path):
    output = write_run("out", [document("a", treats(0.5))], [document("b", treats(0.5))])
    build_graph([output], tmp_path / "graph")
    before = {path: path.read_bytes() for path in (tmp_path / "graph").rglob("*.parquet")}
    shutil.copytree(output, tmp_path / "copy")
    summary = build_graph([output, tmp_path / "copy"], tmp_path / "graph", add=True)
    assert (summary.parts_added, summary.parts_before, summary.counts["documents"]) == (0, 4, 2)
    assert {path: path.read_bytes() for path in (tmp_path / "graph").rglob("*.parquet")} == before


def test_noisy_or_over_documents_and_novelty(write_run, tmp_path):
    documents = [
        document("a", treats(0.5, novel=True), date="2019-07"),
        document("b", treats(0.5, novel=False), date="2018"),
        document("c", treats(0.5), date="soon"),
    ]
    summary = build_graph([write_run("out", documents)], tmp_path / "graph")
    (edge,) = table(tmp_path / "graph", "edges")
    assert edge["confidence"] == pytest.approx(1 - 0.5**3, abs=1e-9)
    assert (edge["documents"], edge["novel"], edge["background"]) == (3, 1, 1)
    assert (edge["first_date"], edge["last_date"]) == ("2018", "2019-07")
    assert (edge["head_name"], edge["tail_name"]) == ("Acetylsalicylic acid", "pain")
    assert (edge["head_type"], edge["tail_type"]) == ("Chemical", "Disease")
    assert (summary.counts["malformed_dates"], summary.counts["undated_documents"]) == (1, 0)


def test_a_certain_document_leaves_room_for_doubt(write_run, tmp_path):
    build_graph([write_run("out", [document("a", treats(1.0))])], tmp_path / "graph")
    (edge,) = table(tmp_path / "graph", "edges")
    assert 0.99999 < edge["confidence"] < 1


def test_denied_and_supposed_relations_are_kept_and_support_nothing(write_run, tmp_path):
    documents = [document(name, treats(0.5), date="2020") for name in "abcd"]
    said = {("a", 0): ["Negated"], ("b", 0): ["Hypothetical", "Uncertain"], ("c", 0): ["Uncertain"]}
    build_graph([write_run("out", documents, assertions=said)], tmp_path / "graph")
    (edge,) = table(tmp_path / "graph", "edges")
    assert (edge["documents"], edge["unasserted"]) == (2, 2)
    assert edge["confidence"] == pytest.approx(0.75, abs=1e-9)
    assert edge["assertions"] == [
        {"assertion": "Uncertain", "documents": 2},
        {"assertion": "Hypothetical", "documents": 1},
        {"assertion": "Negated", "documents": 1},
    ]
    assert [each["document_id"] for each in edge["examples"]] == ["c", "d"]
    evidence = pq.read_table(tmp_path / "graph" / "evidence").to_pylist()
    assert [(row["document_id"], row["supports"]) for row in evidence] == [
        ("a", False),
        ("b", False),
        ("c", True),
        ("d", True),
    ]


def test_contradicting_edges_are_apart_and_flagged(write_run, tmp_path):
    documents = [
        document("a", treats(0.5, "Positive_Correlation")),
        document("b", treats(0.75, "Negative_Correlation")),
        document("c", treats(0.5, "Association")),
    ]
    summary = build_graph([write_run("out", documents)], tmp_path / "graph")
    rows = {row["label"]: row for row in table(tmp_path / "graph", "edges")}
    flags = {label: row["contradicted"] for label, row in rows.items()}
    assert flags == {
        "Positive_Correlation": True,
        "Negative_Correlation": True,
        "Association": False,
    }
    assert rows["Positive_Correlation"]["opposite_documents"] == 1
    assert rows["Positive_Correlation"]["opposite_confidence"] == pytest.approx(0.75, abs=1e-9)
    assert summary.contradicted == 2


def test_a_denied_opposite_contradicts_nothing(write_run, tmp_path):
    documents = [
        document("a", treats(0.5, "Positive_Correlation")),
        document("b", treats(0.7, "Negative_Correlation")),
    ]
    build_graph(
        [write_run("out", documents, assertions={("b", 0): ["Negated"]})], tmp_path / "graph"
    )
    assert not any(row["contradicted"] for row in table(tmp_path / "graph", "edges"))


def test_concepts_without_an_id_only_when_asked_for(write_run, tmp_path):
    names = ("head aches", "Head ache", "head aches")
    documents = [
        document(str(n), Relation("NIL:Disease/0f", "X:1", "Association", 0.5, head_name=name))
        for n, name in enumerate(names)
    ]
    output = write_run("out", [*documents, document("3", Relation("NIL:Disease/1e", "X:1", "A"))])
    summary = build_graph([output], tmp_path / "without")
    assert summary.counts["unlinked_relations"] == 4
    assert [row["id"] for row in table(tmp_path / "without", "nodes")] == ["X:1", "X:2"]
    build_graph([output], tmp_path / "with", options=GraphOptions(nil=True))
    nodes = {row["id"]: row for row in table(tmp_path / "with", "nodes")}
    assert nodes["NIL:Disease/0f"]["name"] == "head aches"
    assert nodes["NIL:Disease/0f"]["texts"] == [
        {"text": "head aches", "mentions": 2},
        {"text": "Head ache", "mentions": 1},
    ]
    # Tables that another program wrote need not name their ends.
    assert nodes["NIL:Disease/1e"]["name"] == "NIL:Disease/1e"
    assert len(table(tmp_path / "with", "edges")) == 2


def test_direction_is_kept_only_when_asked_for(write_run, tmp_path):
    relations = [
        Relation("X:1", "X:2", "Association", 0.5, subject="X:1", subject_score=0.9),
        Relation("X:1", "X:2", "Association", 0.5, subject="X:2", subject_score=0.75),
        Relation("X:2", "X:1", "Association", 0.5),
    ]
    output = write_run("out", [document(name, relations[i]) for i, name in enumerate("abc")])
    build_graph([output], tmp_path / "plain")
    (edge,) = table(tmp_path / "plain", "edges")
    assert (edge["documents"], edge["head_acts"], edge["tail_acts"]) == (3, 1, 1)
    build_graph([output], tmp_path / "directed", options=GraphOptions(directed=True))
    edges = [
        (row["head"], row["tail"], row["documents"], row["head_acts"], row["tail_acts"])
        for row in table(tmp_path / "directed", "edges")
    ]
    assert edges == [("X:1", "X:2", 2, 1, 0), ("X:2", "X:1", 1, 1, 0)]
    (evidence,) = (tmp_path / "directed" / "evidence").glob("*.parquet")
    rows = pq.read_table(evidence).to_pylist()
    assert [(row["subject"], row["subject_score"]) for row in rows] == [
        ("X:1", pytest.approx(0.9)),
        ("X:2", 0.75),
        (None, None),
    ]


def test_an_output_without_documents_gives_an_empty_graph(write_run, tmp_path):
    summary = build_graph(
        [write_run("out", [])], tmp_path / "graph", exports=["graphml", "neo4j", "sif"]
    )
    assert (summary.nodes, summary.edges) == (0, 0)
    more = build_graph(
        [write_run("more", [document("a", treats(0.5))])], tmp_path / "graph", add=True
    )
    assert (more.nodes, more.edges) == (2, 1)


def test_a_part_of_a_run_that_goes_on_is_added_later(write_run, tmp_path):
    output = write_run("out", [document("a", treats(0.5))], finished=False)
    assert build_graph([output], tmp_path / "graph").unfinished == (str(output),)
    write_run("out", [document("a", treats(0.5))], [document("b", treats(0.5))])
    summary = build_graph([output], tmp_path / "graph", add=True)
    assert (summary.parts_added, summary.counts["documents"], summary.unfinished) == (1, 2, ())


def test_a_graph_is_not_replaced_unasked(write_run, tmp_path):
    output = write_run("out", [document("a", treats(0.5))])
    build_graph([output], tmp_path / "graph")
    with pytest.raises(OutputError, match="holds a graph of 1 documents; give --add"):
        build_graph([output], tmp_path / "graph")
    with pytest.raises(OutputError, match="was built with other options"):
        build_graph([output], tmp_path / "graph", add=True, options=GraphOptions(nil=True))
    other = write_run("other", [document("b"), document("c")])
    assert build_graph([other], tmp_path / "graph", restart=True).counts["documents"] == 2
    assert len(list((tmp_path / "graph" / "evidence").iterdir())) == 1


def test_what_is_no_output_is_refused(write_run, tmp_path):
    with pytest.raises(InputError, match="There is no folder"):
        build_graph([tmp_path / "none"], tmp_path / "graph")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="is empty"):
        build_graph([tmp_path / "empty"], tmp_path / "graph")
    with pytest.raises(ConfigError, match="Nothing to do"):
        build_graph([], tmp_path / "graph")
    with pytest.raises(
        ConfigError, match="Unknown export format 'dot'; give some of: graphml, neo4j, sif"
    ):
        build_graph([], tmp_path / "graph", exports=["dot"])
    with pytest.raises(OutputError, match="holds no graph"):
        build_graph([], tmp_path / "graph", exports=["sif"])
    assert not (tmp_path / "graph").exists()


def test_damaged_parts_are_refused(write_run, tmp_path):
    output = write_run("out", [document("a", treats(0.5)), document("b")])
    file = output / "mentions" / "out-0.parquet"
    rows = pq.read_table(file)
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(InputError, match=r"part out-0 of .* is damaged"):
        build_graph([output], tmp_path / "graph")
    entry = output / "journal" / "out-0.json"
    for changed in (rows.slice(1), rows.take(pa.array([0, 2, 1, 3]))):
        pq.write_table(changed, file)
        content = json.loads(entry.read_text())
        mark = file_mark(file)
        assert mark is not None
        content["files"]["mentions"] = asdict(mark)
        entry.write_text(json.dumps(content))
        with pytest.raises(InputError, match="do not fit its other tables"):
            build_graph([output], tmp_path / "graph")
    assert not (tmp_path / "graph" / "graph.json").exists()


def test_one_change_of_two_genes_is_two_nodes(write_run, tmp_path):
    documents = [
        Document(
            gene,
            f"{gene} Q61K",
            mentions=(
                Mention(0, 4, "Gene", concept_ids=(f"NCBIGene:{number}",)),
                Mention(5, 9, "Variant", concept_ids=("p|SUB|Q|61|K",)),
            ),
        )
        for gene, number in (("HRAS", 3265), ("NRAS", 4893))
    ]
    run = write_run("run", [with_genes_of_variants(document) for document in documents])
    build_graph([run], tmp_path / "graph")
    ids = {row["id"] for row in table(tmp_path / "graph", "nodes") if row["type"] == "Variant"}
    assert ids == {f"p|SUB|Q|61|K;CorrespondingGene:{number}" for number in (3265, 4893)}
