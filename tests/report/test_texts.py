"""Texts come from the inputs as they are now, and only where they are what the run read."""

import json
import shutil

from marked_records import record

from biopipe.report import ReportOptions
from biopipe.report.content import report_content


def texts(out, **options):
    content = report_content(out, ReportOptions(**options))
    return [one.get("text") for one in content["documents"]], content["cut"]


RECORDS = [record("a", "aspirin and pain."), record("b", "fever in mice."), record("c", "Nothing.")]
TEXTS = [one["text"] for one in RECORDS]


def test_texts_are_read_again(write_run):
    out = write_run(RECORDS[:2], RECORDS[2:])
    assert texts(out) == (TEXTS, texts(out)[1])
    assert texts(out)[1]["missing"] == 0


def test_failed_inputs_between_shift_nothing(write_run):
    broken = {"id": "x", "text": None}
    out = write_run([broken, RECORDS[0], broken, RECORDS[1], {"id": "y"}, RECORDS[2]])
    assert texts(out)[0] == TEXTS
    content = report_content(out, ReportOptions())
    assert content["errors"]["total"] == len(content["errors"]["rows"]) == 3
    assert [row["row"] for row in content["errors"]["rows"]] == [0, 2, 4]


def test_ids_that_repeat_have_their_own_texts(write_run):
    same = [record("a", f"aspirin number {number}.") for number in range(5)]
    assert texts(write_run(same))[0] == [one["text"] for one in same]


def test_inputs_that_are_gone_leave_the_words_of_mentions(write_run, tmp_path):
    out = write_run(RECORDS)
    shutil.rmtree(tmp_path / "in")
    found, cut = texts(out)
    assert found == [None] * 3
    assert (cut["missing"], cut["changed"]) == (3, 0)
    content = report_content(out, ReportOptions())
    assert content["documents"][0]["words"] == ["aspirin", "pain"]


def test_a_text_that_is_another_now_is_not_shown(write_run, tmp_path):
    out = write_run(RECORDS)
    changed = [
        {**RECORDS[0], "text": "ibuprofn and pain."},
        {**RECORDS[1], "text": "x"},
        RECORDS[2],
    ]
    lines = "".join(json.dumps(one) + "\n" for one in changed)
    (tmp_path / "in" / "out-0.jsonl").write_text(lines)
    found, cut = texts(out)
    assert found == [None, None, "Nothing."]
    assert (cut["missing"], cut["changed"]) == (2, 2)


def test_texts_can_be_left_out(write_run):
    found, cut = texts(write_run(RECORDS), texts=False)
    assert found == [None] * 3
    assert (cut["texts"], cut["missing"]) == (False, 3)


def test_a_column_of_texts_that_the_run_kept_needs_no_input(write_run, tmp_path):
    out = write_run(RECORDS, keep=("text",))
    shutil.rmtree(tmp_path / "in")
    assert texts(out)[0] == TEXTS


def test_a_title_column_is_part_of_the_text(write_run):
    titled = [{"id": "a", "title": "On aspirin", "text": "It eases."}]
    out = write_run(titled, title_column="title")
    content = report_content(out, ReportOptions())
    (one,) = content["documents"]
    assert one["text"] == "On aspirin It eases."
    assert one["text"][slice(*one["title"])] == "On aspirin"
