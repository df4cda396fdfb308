"""What the page is told, against counts made one by one."""

import random
from collections import Counter, defaultdict
from itertools import combinations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from marked_records import NAMES, record, relation

from biopipe.errors import ConfigError, InputError, OutputError
from biopipe.graph import parts as parts_module
from biopipe.io.run_output.folder import part_file
from biopipe.io.run_output.journal import file_mark, read_journal
from biopipe.report import ReportOptions
from biopipe.report.content import report_content
from biopipe.report.pairs import association

IDS = {concept: word for word, (_, concept, _) in NAMES.items()}
YEARS = ("", "2001", "2002-05", "2003-01-02", "n.d.")


def random_records(prefix, count, seed):
    chance = random.Random(seed)
    records = []
    for number in range(count):
        words = [word for word in NAMES if chance.random() < 0.5]
        relations = [
            relation(
                *chance.sample(pair, 2),
                chance.choice(["Bind", "Association"]),
                round(chance.random(), 2),
                novel=chance.choice([None, True, False]),
                assertion=chance.choice([[], ["negated"], ["negated", "possible"]]),
                evidence=[{"start": 0, "end": 5}],
            )
            for pair in combinations(words, 2)
            if chance.random() < 0.6
        ]
        text = f"Text {number}. " + " ".join(f"Here is {word} twice: {word}." for word in words)
        fields = {"date": date} if (date := chance.choice(YEARS)) else {}
        records.append(record(f"{prefix}{number}", text, relations, **fields))
    return records


def year_of(one):
    return int(one.get("date", "0")[:4]) if one.get("date", "n.d.") != "n.d." else 0


def test_the_numbers_are_those_of_a_plain_count(write_run, monkeypatch):
    monkeypatch.setattr(parts_module, "_ROWS", 32)
    files = random_records("a", 40, 1), random_records("b", 25, 2)
    content = report_content(write_run(*files), ReportOptions())
    records = [one for file in files for one in file]
    holding, mentions, years = defaultdict(set), Counter(), defaultdict(Counter)
    for number, one in enumerate(records):
        for mention in one["mentions"]:
            mentions[mention["concept_ids"][0]] += 1
            holding[mention["concept_ids"][0]].add(number)
    for concept, numbers in holding.items():
        years[concept] = Counter(year_of(records[n]) for n in numbers if year_of(records[n]))
    rows = content["concepts"]
    assert dict(zip(rows["id"], rows["documents"], strict=True)) == {
        concept: len(numbers) for concept, numbers in holding.items()
    }
    assert dict(zip(rows["id"], rows["mentions"], strict=True)) == mentions
    assert rows["name"] == [NAMES[IDS[concept]][2] for concept in rows["id"]]
    for concept, flat in zip(rows["id"], rows["years"], strict=True):
        assert dict(zip(flat[::2], flat[1::2], strict=True)) == years[concept]
    documents = [rows["documents"][place] for place in content["listed"]]
    assert documents == sorted(documents, reverse=True)
    assert content["counts"]["documents"] == 65
    assert content["counts"]["undated"] == sum(not year_of(one) for one in records)
    assert content["years"] == sorted(
        map(list, Counter(filter(None, map(year_of, records))).items())
    )
    check_edges(content, records, holding)


def check_edges(content, records, holding):
    stated = defaultdict(list)
    for number, one in enumerate(records):
        for row in one["relations"]:
            ends = sorted((row["head"], row["tail"]))
            stated[(*ends, row["label"])].append((number, row))
    ids = content["concepts"]["id"]
    edges = [(ids[a], ids[b], label, n) for a, b, label, n, _ in content["graph"]["edges"]]
    relations = [edge for edge in edges if edge[2]]
    assert sorted(relations) == sorted((*key, len(rows)) for key, rows in stated.items())
    facts = defaultdict(list)
    for edge, document, year, score, novel, acts, bits, *span in content["graph"]["facts"]:
        facts[edge].append((document, year, score, novel, acts, bits, tuple(span)))
    for place, (*key, _) in enumerate(relations):
        expected = [
            (
                number,
                year_of(records[number]),
                round(100 * row["score"]),
                {None: 0, True: 1, False: 2}[row["novel"]],
                0,
                {0: 0, 1: 1, 2: 3}[len(row["assertion"])],
                (0, 5),
            )
            for number, row in stated[tuple(key)]
        ]
        assert sorted(facts[place]) == sorted(expected)
        scores = [fact[2] for fact in facts[place]]
        assert scores == sorted(scores, reverse=True)
    together = {(a, b): n for a, b, label, n in edges if not label}
    chance = {pair: len(holding[pair[0]]) * len(holding[pair[1]]) / 65 for pair in together}
    for pair, count in together.items():
        assert count == len(holding[pair[0]] & holding[pair[1]])
    pairs = list(combinations(sorted(holding), 2))
    above = {
        (a, b)
        for a, b in pairs
        if len(holding[a] & holding[b]) > len(holding[a]) * len(holding[b]) / 65
    }
    assert set(together) == above
    assert all(count > chance[pair] for pair, count in together.items())


def test_the_association_is_that_of_a_table_of_four_cells():
    """Dunning's own example (1993, table 2): "the swiss", 110, 2442, 111 and 29114 bigrams."""
    assert association(110, 110 + 2442, 110 + 111, 31777) == pytest.approx(270.72, abs=0.5)
    assert association(5, 10, 50, 100) == pytest.approx(0)


def test_limits_are_kept_and_told(write_run):
    out = write_run(random_records("a", 60, 3))
    options = ReportOptions(documents=10, concepts=1, pairs=3, nodes=3, evidence=4)
    content = report_content(out, options)
    assert len(content["documents"]) == 10
    assert content["cut"]["documents"] == [10, 60]
    assert content["cut"]["concepts"] == [len({label for label, _, _ in NAMES.values()}), 5]
    edges = content["graph"]["edges"]
    assert content["cut"]["relations"][0] == sum(bool(edge[2]) for edge in edges) <= 3
    assert content["cut"]["relations"][1] > 3
    assert len({end for edge in edges for end in edge[:2]}) <= 3
    counts = Counter(fact[0] for fact in content["graph"]["facts"])
    assert set(counts.values()) == {4}
    opened = {fact[1] for fact in content["graph"]["facts"]} - {-1}
    assert opened <= set(range(10))
    # The surest document of every edge is one of those that can be opened.
    first = {}
    for fact in content["graph"]["facts"]:
        first.setdefault(fact[0], fact[1])
    assert -1 not in first.values()


def test_long_texts_are_fewer(write_run):
    records = [record(f"d{number}", f"aspirin {'x' * 1000}") for number in range(30)]
    out = write_run([record("long", "aspirin " + "x" * 9000), *records])
    cut = report_content(out, ReportOptions(characters=5100))["cut"]
    assert cut["documents"] == [1, 31]
    cut = report_content(out, ReportOptions(characters=12_100))["cut"]
    assert cut["documents"] == [1 + 3, 31]
    cut = report_content(out, ReportOptions(characters=50_000))["cut"]
    assert cut["documents"] == [31, 31]


def test_who_acts_is_told_where_the_run_has_it(write_run):
    out = write_run(
        [record("a", "aspirin eases pain.", [relation("pain", "aspirin", "Bind", 0.5)])]
    )
    assert report_content(out, ReportOptions())["graph"]["directed"] is False
    for subject in (NAMES["aspirin"][1], NAMES["pain"][1], None):
        set_subject(out, subject)
        graph = report_content(out, ReportOptions())["graph"]
        ids = sorted((NAMES["aspirin"][1], NAMES["pain"][1]))
        expected = ids.index(subject) + 1 if subject else 0
        assert [fact[5] for fact in graph["facts"]] == [expected]
        assert graph["directed"] is bool(subject)


def set_subject(out, subject):
    """Give the run's one part a column `subject`, as if it had been written so."""
    (part,) = read_journal(out).values()
    file = part_file(out, "relations", part.name)
    table = pq.read_table(file)
    if "subject" in table.column_names:
        table = table.drop_columns(["subject"])
    pq.write_table(table.append_column("subject", pa.array([subject], pa.string())), file)
    part.files["relations"] = file_mark(file)
    part.record(out)


def test_what_is_no_run_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="There is no folder"):
        report_content(tmp_path / "none", ReportOptions())
    (tmp_path / "other.txt").write_text("x")
    with pytest.raises(OutputError, match="is no biopipe output"):
        report_content(tmp_path, ReportOptions())
    with pytest.raises(ConfigError, match="A report of 0 nodes shows nothing"):
        ReportOptions(nodes=0)


def test_an_empty_run_has_a_page(write_run):
    content = report_content(write_run([{"id": "a", "text": "Nothing here."}]), ReportOptions())
    assert content["graph"]["edges"] == []
    assert content["counts"]["documents"] == 1
    assert content["documents"][0]["text"] == "Nothing here."
