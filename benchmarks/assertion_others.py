"""medspaCy's ConText and negspacy over sentences with one concept each; benchmarks/assertion.py
runs it.

    python assertion_others.py medspacy|negspacy SENTENCES.json REPEATS

SENTENCES holds [[text, start, end], ...]. Prints the assertions and the best processor seconds of
the repeats: from text to assertions, and of the component alone on Docs that were made before. It
runs in an environment that has these packages and not biopipe.
"""

import json
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore")


def main() -> None:
    tool, path, repeats = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    sentences = json.loads(path.read_text(encoding="utf-8"))
    nlp = pipeline(tool)
    component = nlp.get_pipe(nlp.pipe_names[-1])
    whole, alone = [], []
    docs: list[Any] = []
    for _ in range(repeats):
        started = time.process_time()
        docs = [component(prepared(nlp, *sentence)) for sentence in sentences]
        whole.append(time.process_time() - started)
        fresh = [prepared(nlp, *sentence) for sentence in sentences]
        started = time.process_time()
        for doc in fresh:
            component(doc)
        alone.append(time.process_time() - started)
    found = [said(tool, doc.ents[0]) if doc.ents else [] for doc in docs]
    print(
        json.dumps(
            {"version": version(tool), "whole": min(whole), "alone": min(alone), "said": found}
        )
    )


def pipeline(tool: str) -> Any:
    """The tool's defaults behind spaCy's tokenizer and its rule-based sentencizer, the fastest
    there is.
    """
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    if tool == "medspacy":
        import medspacy.context  # noqa: F401

        nlp.add_pipe("medspacy_context")
    else:
        import negspacy.negation  # noqa: F401

        nlp.add_pipe("negex", config={"ent_types": ["Concept"]})
    return nlp


def prepared(nlp: Any, text: str, start: int, end: int) -> Any:
    """A Doc with sentences and the concept as its entity."""
    doc = nlp.get_pipe("sentencizer")(nlp.make_doc(text))
    span = doc.char_span(start, end, label="Concept", alignment_mode="expand")
    if span is not None:
        doc.ents = [span]
    return doc


def said(tool: str, entity: Any) -> list[str]:
    if tool == "negspacy":
        return ["negated"] if entity._.negex else []
    names = {
        "negated": entity._.is_negated,
        "historical": entity._.is_historical,
        "hypothetical": entity._.is_hypothetical,
        "family": entity._.is_family,
    }
    return [name for name, holds in names.items() if holds]


if __name__ == "__main__":
    main()
