"""medspaCy or EDS-NLP over notes; benchmarks/clinical_comparison.py runs it.

    python clinical_others.py medspacy|edsnlp NOTES.json REPEATS

NOTES holds [{"text": ..., "problems": [[start, end], ...]}, ...]. Prints, as JSON, of every note its
sections [[category, start], ...] and what is said of each problem, and the best processor seconds
of the repeats for all notes, of the whole pipeline and of what decides what is said alone. It runs
in an environment that has these packages and not biopipe. Both are given the problems, for neither
has a recogniser of problems by default: what is measured is what they make of sections and of what
is said.
"""

import json
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore")

# Their words for our assertions.
MEDSPACY = {
    "is_negated": "negated", "is_uncertain": "possible", "is_historical": "historical",
    "is_family": "family", "is_hypothetical": "hypothetical",
}  # fmt: skip
EDSNLP = {"negation": "negated", "hypothesis": "possible", "history": "historical",
          "family": "family"}  # fmt: skip


# What decides what is said of a problem.
ASSERTING = frozenset({"medspacy_context", "negation", "hypothesis", "history", "family"})


def main() -> None:
    tool, path, repeats = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    notes = json.loads(path.read_text(encoding="utf-8"))
    nlp = medspacy_pipeline() if tool == "medspacy" else edsnlp_pipeline()
    seconds, alone = [], []
    docs: list[Any] = []
    for _ in range(repeats):
        started = time.process_time()
        done = [annotated(nlp, note) for note in notes]
        seconds.append(time.process_time() - started)
        docs = [doc for doc, _ in done]
        alone.append(sum(asserting for _, asserting in done))
    answers = [
        {"sections": sections(tool, doc), "said": [said(tool, ent) for ent in doc.ents]}
        for doc in docs
    ]
    result = {"version": version(tool), "seconds": min(seconds), "asserting": min(alone)}
    print(json.dumps({**result, "notes": answers}))


def medspacy_pipeline() -> Any:
    """All of its default components, and its sectionizer, which says what its sections say of
    problems.
    """
    import medspacy

    nlp = medspacy.load()
    if "medspacy_sectionizer" in nlp.pipe_names:
        nlp.remove_pipe("medspacy_sectionizer")
    nlp.add_pipe("medspacy_sectionizer", config={"span_attrs": "default"})
    return nlp


def edsnlp_pipeline() -> Any:
    """Its sentences, sections and qualifiers, whose terms are French."""
    import edsnlp

    nlp = edsnlp.blank("eds")
    for name in (
        "normalizer",
        "sentences",
        "sections",
        "negation",
        "hypothesis",
        "history",
        "family",
    ):
        nlp.add_pipe(f"eds.{name}")
    return nlp


def annotated(nlp: Any, note: dict[str, Any]) -> tuple[Any, float]:
    """The Doc with the problems as entities, in the order given, those that cannot be spans of
    tokens widened; and the seconds that deciding what is said of them took.
    """
    doc = nlp.make_doc(note["text"])
    spans = [
        doc.char_span(start, end, label="PROBLEM", alignment_mode="expand")
        for start, end in note["problems"]
    ]
    doc.set_ents([span for span in spans if span is not None])
    asserting = 0.0
    for name, pipe in nlp.pipeline:
        if name != "medspacy_target_matcher":  # it has no rules, and would only look for none
            started = time.process_time()
            doc = pipe(doc)
            asserting += (time.process_time() - started) * (name.removeprefix("eds.") in ASSERTING)
    return doc, asserting


def sections(tool: str, doc: Any) -> list[tuple[str, int]]:
    if tool == "medspacy":
        return [
            (section.category, doc[section.title_span[0]].idx)
            for section in doc._.sections
            if section.category
        ]
    return [(span.label_, span.start_char) for span in doc.spans.get("sections", ())]


def said(tool: str, ent: Any) -> dict[str, Any]:
    names = MEDSPACY if tool == "medspacy" else EDSNLP
    assertions = sorted(ours for name, ours in names.items() if getattr(ent._, name, False))
    return {"start": ent.start_char, "end": ent.end_char, "assertions": assertions}


if __name__ == "__main__":
    main()
