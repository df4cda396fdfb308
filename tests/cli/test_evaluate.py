import json
import re
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from biopipe import io
from biopipe.cli import app
from biopipe.components.docbin import all_formats
from biopipe.document import Mention
from biopipe.io.codecs import jsonl, pubtator
from biopipe.io.formats import write
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept

GOLD = """\
1|t|Metformin treats type 2 diabetes.
1|a|INS is low in T2D.
1\t0\t9\tMetformin\tChemical\tD008687
1\t17\t32\ttype 2 diabetes\tDisease\tD003924
1\t34\t37\tINS\tGene\t3630
1\t48\t51\tT2D\tDisease\tD003924
1\tNegative_Correlation\tD008687\tD003924\tNo
1\tAssociation\t3630\tD003924\tNovel

"""


@pytest.fixture
def gold(tmp_path):
    path = tmp_path / "gold.pubtator"
    path.write_text(GOLD)
    return path


def changed(gold, path, change):
    pubtator.write([change(document) for document in io.read(gold)], path)
    return path


def evaluate(*words):
    result = CliRunner().invoke(app, ["evaluate", *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def scores(*words):
    result = evaluate(*words, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.parametrize("format", ["brat", "labelstudio-annotations", "biocjson", "docbin"])
def test_gold_of_annotation_tools(gold, tmp_path, format):
    (document,) = io.read(gold)
    path = tmp_path / {"brat": "corpus", "docbin": "a.spacy"}.get(format, "export.json")
    write([document], path, format=format, formats=all_formats())
    predicted = changed(
        gold, tmp_path / "p.pubtator", lambda d: replace(d, mentions=d.mentions[:3])
    )
    found = scores("ner", "--gold", path, "--predicted", predicted)
    assert (found["micro"]["recall"], found["micro"]["precision"]) == (0.75, 1)
    found = scores("relations", "--gold", path, "--predicted", gold)
    assert found["pair"]["f1"] == found["type"]["f1"] == 1


def test_predictions_of_label_studio_are_no_gold(gold, tmp_path):
    path = tmp_path / "tasks.json"
    write(io.read(gold), path, format="labelstudio")
    assert scores("ner", "--gold", gold, "--predicted", path)["micro"]["f1"] == 1
    result = evaluate("ner", "--gold", path, "--predicted", gold)
    assert result.exit_code == 1
    assert "holds no documents (nobody annotated the task in Label Studio)" in result.stderr


def test_ner_json(gold, tmp_path):
    predicted = changed(
        gold, tmp_path / "p.pubtator", lambda d: replace(d, mentions=d.mentions[:3], relations=())
    )
    found = scores("ner", "--gold", gold, "--predicted", predicted)
    assert found["documents"] == 1
    assert found["micro"]["recall"] == 0.75
    assert found["micro"]["precision"] == 1
    assert found["micro"]["ci95"] == [found["micro"]["f1"]] * 2
    assert set(found["types"]) == {"Chemical", "Disease", "Gene"}
    assert (
        scores("ner", "--gold", gold, "--predicted", predicted, "--labels", "Gene, Chemical")[
            "micro"
        ]["f1"]
        == 1
    )


def test_thresholds_are_proposed_for_f1_or_a_precision(gold, tmp_path):
    found = (Mention(0, 9, "Chemical", 0.9), Mention(16, 20, "Chemical", 0.4))
    predicted = tmp_path / "p.jsonl"
    jsonl.write([replace(document, mentions=found) for document in io.read(gold)], predicted)
    files = ("--gold", gold, "--predicted", predicted, "--labels", "Chemical")
    found = scores("ner", *files, "--thresholds", "f1")
    assert found["thresholds"]["Chemical"] == {
        "threshold": 0.65,
        "precision": 1,
        "recall": 1,
        "f1": 1,
    }
    assert found["types"]["Chemical"]["ece"] == pytest.approx(0.25)
    assert scores("ner", *files, "--thresholds", "0.5")["thresholds"]["Chemical"]["threshold"] == 0
    assert re.search(
        r"Chemical +0\.65 +100\.0 +100\.0 +100\.0",
        evaluate("ner", *files, "--thresholds", "f1").stdout,
    )
    wrong = evaluate("ner", *files, "--thresholds", "best")
    assert wrong.exit_code == 1
    assert "--thresholds best is neither f1 nor a precision" in wrong.stderr


def test_robustness(gold, tmp_path):
    pipeline, path = tmp_path / "p.json", tmp_path / "gold.jsonl"
    pipeline.write_text('{"components": {"biopipe_abbreviations": {}}}')
    named = lambda d: replace(d, mentions=(Mention(0, 9, "Chemical"), Mention(17, 32, "Disease")))  # noqa: E731
    jsonl.write([named(document) for document in io.read(gold)], path)
    concepts = [
        Concept("MESH:D000077156", "6-[3-(1-adamantyl)]acid", ("adapalene",), ("Chemical",))
    ]
    kb = compile_kb(concepts, tmp_path / "kb", name="small", version="1", licence="CC0", sources={})
    options = ("robustness", "--gold", path, "--pipeline", pipeline, "--kb", kb)
    found = scores(*options)
    assert found["names"] == {
        "Chemical": {"source": "small 1", "names": 2},
        "Disease": {"source": "gold", "names": 1},
    }
    assert found["changes"]["upper case"]["mentions"] == 2
    assert found["changes"]["other names"]["mentions"] == 1
    assert found["changes"]["other names"]["recall"] == found["changes"]["other names"]["fall"] == 0
    assert found["changes"]["other names"]["types"]["Disease"]["recall"] is None
    assert re.search(r"upper case +2 +0\.0 +0\.0 +0\.0", evaluate(*options).stdout)


def test_several_gold_files_count_together(gold, tmp_path):
    other = tmp_path / "other.pubtator"
    other.write_text(re.sub("^1", "2", GOLD, flags=re.MULTILINE))
    both = tmp_path / "both.pubtator"
    both.write_text(other.read_text() + GOLD)
    assert scores("ner", "--gold", gold, "--gold", other, "--predicted", both)["documents"] == 2


def test_relations_json(gold, tmp_path):
    turned = lambda d: replace(d, relations=tuple(replace(r, novel=True) for r in d.relations))  # noqa: E731
    found = scores(
        "relations", "--gold", gold, "--predicted", changed(gold, tmp_path / "p.pubtator", turned)
    )
    assert found["pair"]["f1"] == found["type"]["f1"] == 1
    assert found["novelty"]["f1"] == 0.5
    assert set(found["types"]) == {"Association", "Negative_Correlation"}


def test_linking_json_with_gold_mentions_and_a_knowledge_base(gold, tmp_path):
    concepts = [Concept("MESH:D003924", "type 2 diabetes", ("T2D",), ("Disease",))]
    kb = compile_kb(concepts, tmp_path / "kb", name="small", version="1", licence="CC0", sources={})
    pipeline = tmp_path / "pipeline.json"
    pipeline.write_text(json.dumps({"components": {"biopipe_linker": {}}}))
    found = scores(
        *(
            "linking",
            "--gold",
            gold,
            "--gold-mentions",
            "--kb",
            f"Disease={kb}",
            "--pipeline",
            pipeline,
        )
    )
    assert found["mentions"] == 4
    assert found["coverage"] == 0.5
    assert found["recall@1"] == found["recall@20"] == 0.5
    assert found["nil"]["f1"] == 1
    assert found["types"]["Disease"]["recall@1"] == 1
    assert "end_to_end" not in found


def test_linking_of_predictions_has_mention_and_concept_scores(gold, tmp_path):
    nil = lambda d: replace(d, mentions=(replace(d.mentions[0], concept_ids=()), *d.mentions[1:]))  # noqa: E731
    found = scores(
        "linking", "--gold", gold, "--predicted", changed(gold, tmp_path / "p.pubtator", nil)
    )
    assert found["end_to_end"]["strict"]["f1"] == 0.75
    assert found["coverage"] is None


def test_ids_of_one_concept_are_one_answer(gold, tmp_path):
    concepts = [
        Concept("MESH:D003924", "type 2 diabetes", (), ("Disease",)),
        Concept("OMIM:125853", "diabetes, type 2", (), ("Disease",), replaced_by="MESH:D003924"),
    ]
    kb = compile_kb(concepts, tmp_path / "kb", name="small", version="1", licence="CC0", sources={})
    other = lambda d: replace(  # noqa: E731
        d,
        mentions=tuple(
            replace(m, concept_ids=("OMIM:125853",)) if m.start in (17, 48) else m
            for m in d.mentions
        ),
        relations=tuple(replace(r, tail="OMIM:125853") for r in d.relations),
    )
    predicted = changed(gold, tmp_path / "p.pubtator", other)
    files = ("--gold", gold, "--predicted", predicted, "--kb", kb)
    assert scores("linking", *files)["end_to_end"]["strict"]["f1"] == 1
    assert scores("relations", *files)["type"]["f1"] == 1
    assert scores("relations", *files[:-2])["type"]["f1"] == 0


def test_pipeline_json_has_all_stages(gold, tmp_path):
    found = scores("pipeline", "--gold", gold, "--predicted", gold, "--bootstrap", "0")
    assert list(found) == ["ner", "linking", "relations"]
    assert found["ner"]["micro"]["f1"] == found["linking"]["end_to_end"]["strict"]["f1"] == 1
    assert found["relations"]["novelty"]["f1"] == 1
    bare = changed(gold, tmp_path / "p.pubtator", lambda d: replace(d, relations=()))
    assert list(scores("pipeline", "--gold", bare, "--predicted", gold)) == ["ner", "linking"]


def test_assertion(tmp_path):
    path, pipeline = tmp_path / "gold.tsv", tmp_path / "p.json"
    path.write_text("1\t\tfever\tNo FEVER.\tNegated\tRecent\tPatient\n")
    pipeline.write_text('{"components": {"biopipe_assertion": {}}}')
    found = scores("assertion", "--gold", path, "--gold", path, "--pipeline", pipeline)
    assert found["sentences"] == 2
    assert found["Negated"]["f1"] == 1
    result = evaluate("assertion", "--gold", path, "--pipeline", pipeline, "--bootstrap", "0")
    assert re.search(r"Negated +100\.0 +100\.0 +100\.0 +1 +0 +0", result.stdout)
    path.write_text("1\tNo FEVER.\n")
    failed = evaluate("assertion", "--gold", path, "--pipeline", pipeline)
    assert failed.exit_code == 1
    assert "gold.tsv line 1 has 2 columns" in failed.stderr


def test_abbreviations(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text(
        '{"id": "1", "text": "Heart failure (HF).", "pairs": [["HF", "Heart failure"]]}'
    )
    found = scores("abbreviations", "--gold", path)
    assert found["precision"] == found["recall"] == found["f1"] == 1
    assert "pairs  " in evaluate("abbreviations", "--gold", path).stdout


@pytest.mark.parametrize("task", ["ner", "linking", "relations", "pipeline"])
def test_tables_for_people(gold, task):
    result = evaluate(task, "--gold", gold, "--predicted", gold, "--bootstrap", "0")
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "…" not in result.stdout
    assert "100.0" in result.stdout
    expected = {"ner": "micro", "linking": "strict", "relations": "novelty", "pipeline": "novelty"}
    assert expected[task] in result.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--gold", "{}/none.pubtator"], "none.pubtator"),
        (
            ["--gold", "{}/gold.pubtator", "--predicted", "{}/other.pubtator"],
            "no prediction, the first '1'",
        ),
        (
            ["--gold", "{}/gold.pubtator", "--predicted", "{}/gold.pubtator", "--labels", "Drug"],
            "label 'Drug'",
        ),
        (["--gold", "{}/gold.pubtator", "--pipeline", "nothing"], "no pipeline 'nothing'"),
    ],
)
def test_an_error_is_one_sentence(gold, tmp_path, words, sentence):
    (tmp_path / "other.pubtator").write_text("2|t|Title\n2|a|\n\n")
    result = evaluate("ner", *(word.format(tmp_path) for word in words))
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_knowledge_bases_for_labels_and_for_all_do_not_mix(gold):
    result = evaluate("linking", "--gold", gold, "--kb", "Disease=a", "--kb", "b")
    assert result.exit_code == 1
    assert "--kb Disease=a b does not say which" in result.stderr
