"""Mark what the default pipeline meets of the golden set, and print what changed.

Run it after a change that makes the chain better, read every line it prints, and commit the file:
`python tests/golden/mark.py`. `--show` prints what comes out of each sentence beside it.

The shipped graphs are int8, whose sums differ a little between processors with and without VNNI.
What one of them meets and another does not is marked null, and not tested: where the test fails on
another processor with nothing changed, run `python tests/golden/mark.py --other-processor` there.
"""

import argparse
from dataclasses import replace

from golden_set import SENTENCES, GoldenSentence, outcomes, read_sentences, write_sentences

import biopipe
from biopipe.document import Document

MARKS = {True: "met", False: "not met", None: "differs between processors"}


def main() -> None:
    """Write the marks of today's default pipeline."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="print what comes out")
    parser.add_argument(
        "--other-processor", action="store_true", help="mark what differs from the file as null"
    )
    arguments = parser.parse_args()
    sentences = read_sentences()
    nlp = biopipe.load()
    marked = []
    for sentence, doc in zip(sentences, nlp.pipe(s.text for s in sentences), strict=True):
        document = biopipe.to_document(doc)
        if arguments.show:
            show(sentence, document)
        met = outcomes(sentence, document)
        marks: dict[str, bool | None] = {}
        for name, value in met.items():
            before = sentence.met.get(name, value)
            marks[name] = value
            if before is None or (arguments.other_processor and before != value):
                marks[name] = None
            if marks[name] != sentence.met.get(name):
                print(f"{sentence.id} {name}: {MARKS[marks[name]]}")
        marked.append(replace(sentence, met=marks))
    write_sentences(marked)
    values = [value for sentence in marked for value in sentence.met.values()]
    print(f"{values.count(True)} of {len(values)} expectations are met; marks are in {SENTENCES}.")


def show(sentence: GoldenSentence, document: Document) -> None:
    """Print a sentence with the mentions and relations found in it."""
    print(f"\n{sentence.id} {sentence.kind}: {sentence.text!r}")
    for mention in document.mentions:
        text = document.text[mention.start : mention.end]
        print(f"    {text!r} {mention.label} {mention.concept_ids} {sorted(mention.assertion)}")
    for relation in document.relations:
        print(f"    {relation.head} {relation.label} {relation.tail} {sorted(relation.assertion)}")


if __name__ == "__main__":
    main()
