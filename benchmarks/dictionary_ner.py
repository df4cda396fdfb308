"""Names of a large vocabulary in real abstracts: speed, memory and recall of planted names, beside
spaCy's matcher.

A synthetic vocabulary of 4 million names is compiled once (--folder keeps it). Into each of
--documents abstracts three of its names are planted between two words: as stored, with hyphens for
spaces, in the plural, or, where they are no symbols, in capitals. Names that no rule would take for
a name (nothing but stop words and numbers) are not planted, nor are those that begin with "the". A
planted name counts as found when a mention has its span, with overlaps. Speed is documents per
second of processor time of one core, so that other work on the machine counts less; memory is what
a process shares with no other, and what no file holds, before and after it opens the vocabulary and
reads all.

spaCy's PhraseMatcher (attr LOWER) holds the first --phrases of the same names, as all would not fit
in reasonable time and memory, and is asked for the planted names among these.

On the dev sets the dictionary alone is scored: diseases with MEDIC; chemicals with those
descriptors of MeSH that are also chemical names of CTD.

    python benchmarks/dictionary_ner.py [--folder KB] [--documents 200] [--phrases 100000]
"""

import argparse
import gzip
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from linking_dev import typed
from record import options, record
from synthetic_vocabulary import concepts
from umls_scale import memory

from biopipe.document import Document
from biopipe.evaluate.gold import without_annotations
from biopipe.evaluate.mention_scores import score_ner
from biopipe.io import read
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.prior import match_name
from biopipe.language.stop_words import common_words
from biopipe.ner.dictionary import Dictionary
from biopipe.ner.dictionary_rules import is_name
from biopipe.text.normalize import normalize_name

CONCEPTS = 1_600_000  # with 4 million names
PLANTED, PROCESSES, SAMPLE = 3, 2, 2000
CORPORA = {"Disease": ("biored", "bc5cdr", "ncbi-disease"), "Chemical": ("biored", "bc5cdr")}
PLURAL_IN_S = ("amide", "ate", "emia", "ene", "gram", "ide", "ine", "oma", "one")
Planted = tuple[int, int, int, str]  # document, start, end, the form


def main() -> None:
    parser = options(__doc__)
    parser.add_argument(
        "--folder", type=Path, help="the vocabulary; built there unless it is there"
    )
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--phrases", type=int, default=100_000)
    parser.add_argument("--work", choices=("build", "annotate", "spacy"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        print(
            json.dumps(
                {"build": build, "annotate": annotate, "spacy": phrase_matcher}[arguments.work](
                    arguments
                )
            )
        )
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary) / "kb"
        if not folder.exists():
            built_file(folder).write_text(json.dumps(work("build", folder)[0]))
        result = {"vocabulary": vocabulary(folder), **measure(folder)}
        result["dev"] = dev(arguments.data, Path(temporary))
    record("dictionary_ner", result, arguments.results)


def measure(folder: Path) -> dict[str, Any]:
    one, several, other = (
        work("annotate", folder),
        work("annotate", folder, PROCESSES),
        work("spacy", folder),
    )
    ratio = one[0]["documents_per_processor_second"] / other[0]["documents_per_processor_second"]
    return {
        "one_process": one[0],
        f"{PROCESSES}_processes_private_mb_together": round(
            sum(each["memory"]["after"]["private_mb"] for each in several), 1
        ),
        "spacy_phrase_matcher": other[0],
        "speed_to_phrase_matcher": round(ratio, 2),
    }


def work(what: str, folder: Path, processes: int = 1) -> list[dict[str, Any]]:
    command = [sys.executable, __file__, *sys.argv[1:], "--folder", str(folder), "--work", what]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    return [json.loads(process.communicate()[0].splitlines()[-1]) for process in started]


def built_file(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.build.json")


def build(arguments: argparse.Namespace) -> dict[str, Any]:
    started = time.process_time()
    compile_kb(
        concepts(CONCEPTS),
        arguments.folder,
        name="synthetic",
        version="1",
        licence="CC0",
        sources={},
        ngrams=False,
    )
    return {
        "processor_seconds": round(time.process_time() - started, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def vocabulary(folder: Path) -> dict[str, Any]:
    kb = KnowledgeBase.open(folder)
    files, chance = kb.manifest.files, random.Random(6)
    names = [kb.name_text(chance.randrange(kb.manifest.counts["names"])) for _ in range(SAMPLE)]
    return {
        "counts": dict(kb.manifest.counts),
        "share_of_names_not_planted": round(1 - sum(map(is_planted, names)) / SAMPLE, 4),
        "build": json.loads(built_file(folder).read_text()),
        "megabytes": {name: round(about["bytes"] / 1e6, 1) for name, about in files.items()},
    }


def annotate(arguments: argparse.Namespace) -> dict[str, Any]:
    """Speed, memory and recall of one process."""
    kb = KnowledgeBase.open(arguments.folder)
    documents, planted = plant(texts(arguments), kb, arguments.phrases)
    plain = [Document(each.id, each.text) for each in texts(arguments)]
    before = memory()
    dictionary = Dictionary(kb)
    spent = seconds(lambda: dictionary.predict(plain))
    again = seconds(lambda: dictionary.predict(plain))
    after = memory()
    found = Dictionary(kb, overlaps=True).predict(documents)
    spans = [{(m.start, m.end) for m in document.mentions} for document in found]
    missed = [(form, documents[d].text[s:e]) for d, s, e, form in planted if (s, e) not in spans[d]]
    return {
        "documents": len(plain),
        "characters": sum(len(document.text) for document in plain),
        "documents_per_processor_second": round(len(plain) / spent, 1),
        "documents_per_processor_second_again": round(len(plain) / again, 1),
        "memory": {"before": before, "after": after},
        "planted": len(planted),
        "recall_of_planted": round(1 - len(missed) / len(planted), 4),
        "missed": missed[:10],
    }


def phrase_matcher(arguments: argparse.Namespace) -> dict[str, Any]:
    """The same documents through spaCy's matcher with some of the names."""
    import spacy
    from spacy.matcher import PhraseMatcher

    kb = KnowledgeBase.open(arguments.folder)
    documents, planted = plant(texts(arguments), kb, arguments.phrases)
    plain = [document.text for document in texts(arguments)]
    before, started = memory(), time.process_time()
    nlp = spacy.blank("en")
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    matcher.add("name", [nlp.make_doc(kb.name_text(row)) for row in range(arguments.phrases)])
    built, after = time.process_time() - started, memory()
    spent = seconds(lambda: [matcher(nlp.make_doc(text)) for text in plain])
    known = {normalize_name(kb.name_text(row)) for row in range(arguments.phrases)}
    asked = [
        each
        for each in planted
        if normalize_name(documents[each[0]].text[each[1] : each[2]]) in known
    ]
    docs = [nlp.make_doc(document.text) for document in documents]
    spans = [{(doc[s:e].start_char, doc[s:e].end_char) for _, s, e in matcher(doc)} for doc in docs]
    hits = sum((start, end) in spans[d] for d, start, end, _ in asked)
    return {
        "names": arguments.phrases,
        "build_processor_seconds": round(built, 1),
        "memory": {"before": before, "after": after},
        "documents_per_processor_second": round(len(plain) / spent, 1),
        "planted": len(asked),
        "recall_of_planted": round(hits / len(asked), 4),
    }


def texts(arguments: argparse.Namespace) -> list[Document]:
    documents = list(read(arguments.data / "text" / "pubmedqa-1000.json"))
    return documents[: arguments.documents]


def plant(
    documents: Sequence[Document], kb: KnowledgeBase, first: int
) -> tuple[list[Document], list[Planted]]:
    """Documents with names in them, one of the `first` names and the others of all, and where they
    are.
    """
    chance, planted, made = random.Random(5), list[Planted](), []
    for number, document in enumerate(documents):
        words, spans, text = document.text.split(" "), [], ""
        names = [name_of(kb, chance, first), *(name_of(kb, chance) for _ in range(PLANTED - 1))]
        places = dict(zip(chance.sample(range(1, len(words)), PLANTED), names, strict=True))
        for place, word in enumerate(words):
            if place in places:
                form, name = said(places[place], chance)
                spans.append((number, len(text), len(text) + len(name), form))
                text += name + " "
            text += word + " "
        made.append(Document(document.id, text))
        planted += spans
    return made, planted


def name_of(kb: KnowledgeBase, chance: random.Random, first: int | None = None) -> str:
    while True:
        name = kb.name_text(chance.randrange(first or kb.manifest.counts["names"]))
        if is_planted(name):
            return name


def is_planted(name: str) -> bool:
    return not name.startswith("the ") and is_name(
        name, match_name(name, name, "exact", 0), common_words()
    )


def said(name: str, chance: random.Random) -> tuple[str, str]:
    """A form of the name in which it is to be found, and what that is called."""
    match = match_name(name, name, "exact", 0)
    forms = {"stored": name, "hyphens": name.replace(" ", "-")}
    if not match.symbol and len(name) > 4:
        forms["capitals"] = name.upper()
        if name.endswith(PLURAL_IN_S):
            forms["plural"] = f"{name}s"
    return chance.choice(sorted(forms.items()))


def dev(data: Path, folder: Path) -> dict[str, Any]:
    """Scores of dictionaries alone on dev sets."""
    scores: dict[str, Any] = {}
    for label, corpora in CORPORA.items():
        kb = compile_kb(
            disease_names(data) if label == "Disease" else chemical_names(data),
            folder / label,
            name=label,
            version="",
            licence="",
            sources={},
            ngrams=False,
        )
        dictionary = Dictionary(kb, labels={"": label})
        for corpus in corpora:
            gold = list(read(data / "corpora" / corpus / "dev.pubtator"))
            found = dictionary.predict([without_annotations(document) for document in gold])
            micro = score_ner(gold, found, labels=[label])["micro"]
            scores[f"{corpus} {label}"] = micro
    return scores


def disease_names(data: Path) -> Iterator[Any]:
    return typed("medic", data / "terminologies" / "medic-2012.txt")


def chemical_names(data: Path) -> Iterator[Any]:
    with gzip.open(
        data / "terminologies" / "ctd-chemical-names-2015.gz", "rt", encoding="utf-8"
    ) as file:
        chemicals = {normalize_name(line) for line in file}
    for concept in typed("mesh", data / "terminologies" / "mesh-descriptors-2019.tsv"):
        if normalize_name(concept.name) in chemicals:
            yield replace(concept, types=("Chemical",))


def seconds(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


if __name__ == "__main__":
    main()
