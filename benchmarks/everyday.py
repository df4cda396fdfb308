"""Every input of cases.jsonl with what comes out now and what is right.

    python benchmarks/everyday.py [--data DATA] [--only PREFIX] [--failing]

The inputs are from public reports of other tools and variations of them (`everyday/cases.jsonl` in
the data folder). `everyday_checks.json` says for each what a program can check: mentions that must
be there or must not (text, label, ids; null: any), assertions that a mention must have or lack,
abbreviations, and for files a small one of that kind with what must be read from it, or the tests
that read a whole release. It names the
part of the project that a case belongs to: tagger, knowledge base, clinical, or faults (files,
notations, abbreviations) and, where it is not the default one, the pipeline that reads it. The
table goes to standard output, the counts to the result folder.
"""

import json
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from record import options, record

from biopipe import io
from biopipe.document import Document

CHECKS = Path(__file__).with_name("everyday_checks.json")
PIPELINES = ("default", "clinical")
WIDTH = 400
MARKS: dict[bool | None, str] = {True: "right", False: "WRONG", None: "tested"}


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--only", default="", help="ids that begin so")
    parser.add_argument("--failing", action="store_true", help="print those that fail alone")
    arguments = parser.parse_args()
    source = arguments.data / "everyday" / "cases.jsonl"
    if not source.is_file():
        raise SystemExit(
            f"There is no {source}; give the data folder with --data or $BIOPIPE_DATA."
        )
    cases = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()]
    cases = [case for case in cases if case["id"].startswith(arguments.only)]
    checks = json.loads(CHECKS.read_text(encoding="utf-8"))
    if missing := [case["id"] for case in cases if case["id"] not in checks]:
        raise SystemExit(f"{CHECKS} has no check for {', '.join(missing)}; add one.")
    counts: dict[str, Counter[str]] = {}
    for case, (out, right) in zip(cases, outcomes(cases, checks), strict=True):
        part = checks[case["id"]]["part"]
        counts.setdefault(part, Counter())[MARKS[right].lower()] += 1
        if not (right and arguments.failing):
            show(case, part, out, right)
    result = {part: dict(count) for part, count in sorted(counts.items())}
    record("everyday", {"cases": len(cases), "parts": result}, arguments.results)


def outcomes(
    cases: list[dict[str, Any]], checks: Mapping[str, Mapping[str, Any]]
) -> list[tuple[str, bool | None]]:
    """What comes out of each case, in words, and whether it is right; None where tests tell."""
    documents = {name: iter(annotated(cases, checks, name)) for name in PIPELINES}
    found: list[tuple[str, bool | None]] = []
    for check in (checks[case["id"]] for case in cases):
        if is_text(check):
            found.append(text_outcome(next(documents[pipeline_of(check)]), check))
        elif "files" in check:
            found.append(file_outcome(check))
        else:
            found.append((f"see {check['tests']}", None))
    return found


def is_text(check: Mapping[str, Any]) -> bool:
    return "files" not in check and "tests" not in check


def pipeline_of(check: Mapping[str, Any]) -> str:
    """The pipeline that reads a text: short forms of notes are read by that for notes alone."""
    return str(check.get("pipeline", "default"))


def annotated(
    cases: list[dict[str, Any]], checks: Mapping[str, Mapping[str, Any]], name: str
) -> list[Document]:
    """The texts of the cases that a pipeline is to read."""
    of_case = [(case["input"], checks[case["id"]]) for case in cases]
    texts = [text for text, check in of_case if is_text(check) and pipeline_of(check) == name]
    if not texts:
        return []
    import biopipe

    nlp = biopipe.load(name)
    return [biopipe.to_document(doc) for doc in nlp.pipe(texts)]


def text_outcome(document: Document, check: Mapping[str, Any]) -> tuple[str, bool]:
    text = document.text
    found = [
        (text[m.start : m.end], m.label, set(m.concept_ids), set(m.assertion))
        for m in document.mentions
    ]
    pairs = {
        (text[a.start : a.end], text[a.long_start : a.long_end])
        for a in document.abbreviations or ()
    }
    if "abbreviations" in check:
        wanted = {(short, long) for short, long in check["abbreviations"]}
        return str(sorted(pairs)), pairs == wanted
    right = all(any(fits(mention, wanted) for mention in found) for wanted in check.get("has", ()))
    right = right and not any(
        fits(mention, unwanted) for mention in found for unwanted in check.get("lacks", ())
    )
    words = [
        f"{surface!r}/{label}/{','.join(sorted(ids)) or 'NIL'}"
        + (f" {sorted(assertion)}" if assertion else "")
        for surface, label, ids, assertion in found
    ]
    return "; ".join(words) or "no mention", right


def fits(mention: tuple[str, str, set[str], set[str]], wanted: Mapping[str, Any]) -> bool:
    """Whether a mention has all that is said of one: text, label, ids, assertions."""
    surface, label, ids, assertion = mention
    return (
        wanted.get("text") in (None, surface)
        and wanted.get("label") in (None, label)
        and ("ids" not in wanted or ids == set(wanted["ids"]))
        and ("one_of" not in wanted or bool(ids & set(wanted["one_of"])) or not ids)
        and ("prefix" not in wanted or any(i.startswith(wanted["prefix"]) for i in ids))
        and set(wanted.get("asserted", ())) <= assertion
        and not set(wanted.get("not_asserted", ())) & assertion
    )


def file_outcome(check: Mapping[str, Any]) -> tuple[str, bool]:
    """What is read from the files of a check, compared with what must be."""
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = Path(name)
        for file, content in check["files"].items():
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        try:
            values = READERS[check["read"]](folder / check["path"])
        except Exception as error:
            values = [f"{type(error).__name__}: {error}".replace(name, "")]
    wanted = check["values"]
    right = len(values) == len(wanted) and all(
        want in value if check.get("within") else want == value
        for want, value in zip(wanted, values, strict=True)
    )
    return " | ".join(values) or "nothing", right


def read_documents(path: Path) -> list[str]:
    errors: list[Any] = []
    documents = list(io.read(path, on_error=errors.append))
    values = []
    for document in documents:
        ids = [f"{','.join(m.concept_ids)}" for m in document.mentions]
        ends = [f"{r.head}>{r.tail}" for r in document.relations]
        values.append(" ".join([*ids, *ends]) or document.text)
    return [*values, *(error.error for error in errors)]


def read_texts(path: Path) -> list[str]:
    return [document.text for document in io.read(path, on_error=lambda error: None)]


def read_concepts(reader: str) -> Callable[[Path], list[str]]:
    def read(path: Path) -> list[str]:
        from biopipe.kb.build.sources import jsonl, obo, umls

        module = {"jsonl": jsonl, "obo": obo, "umls": umls}[reader]
        return [
            f"{c.id} {c.name} {','.join(c.synonyms)} {','.join(c.types)}" for c in module.read(path)
        ]

    return read


READERS: dict[str, Callable[[Path], list[str]]] = {
    "documents": read_documents,
    "texts": read_texts,
    "obo": read_concepts("obo"),
    "jsonl": read_concepts("jsonl"),
    "umls": read_concepts("umls"),
}


def show(case: Mapping[str, Any], part: str, out: str, right: bool | None) -> None:
    print(f"{case['id']:5} {MARKS[right]:8} {part}")
    print(f"      input    {case['input']!r}"[:WIDTH])
    print(f"      is right {case['expected']}"[:WIDTH])
    print(f"      comes out {out!r}"[:WIDTH])


if __name__ == "__main__":
    main()
