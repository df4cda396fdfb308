"""How the time of reading grows with the size of one record, and of trimming with that of one
mention: with the size, not with its square.

    python benchmarks/growth.py

Each case is run at four sizes, each twice as large as the one before; the exponent is that of the
power of the size that fits the processor times best (1 is linear, 2 quadratic). What a process does
once is done before.
"""

import json
import math
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from record import options, record

from biopipe.document import Mention
from biopipe.io import read
from biopipe.ner.edges import trim_boundaries

STEPS = 4
ROUNDS = 2


def bioc(size: int) -> str:
    """One document of `size` sentences with an annotation each, and as many relations."""
    sentences = [
        {
            "offset": 8 * number,
            "text": "Aspirin",
            "annotations": [
                {
                    "id": str(number),
                    "infons": {"type": "Chemical", "identifier": "MESH:D001241"},
                    "text": "Aspirin",
                    "locations": [{"offset": 8 * number, "length": 7}],
                }
            ],
        }
        for number in range(size)
    ]
    ends = [{"refid": "0"}, {"refid": str(size - 1)}]
    relations = [{"id": "R", "infons": {"type": "x"}, "nodes": ends}] * size
    passage = {"offset": 0, "infons": {}, "sentences": sentences}
    return json.dumps({"documents": [{"id": "1", "passages": [passage], "relations": relations}]})


def pubtator(size: int) -> str:
    """One document with `size` mentions and relations."""
    mention = "1\t0\t7\tAspirin\tChemical\tD001241\n"
    return "1|t|Aspirin and gout\n1|a|\n" + mention * size + "1\tx\tD001241\tD006073\n" * size


def composite(size: int) -> str:
    """Relations whose ends name many concepts."""
    ids = "|".join(f"D{number:06d}" for number in range(size))
    return f"1|t|x\n1|a|\n1\tx\t{ids}\t{ids}\n"


def odd_mentions(size: int) -> str:
    """One document with `size` mentions that are not where they say."""
    return "1|t|" + "gout " * size + "\n1|a|\n" + "1\t2\t9\taspirin\tChemical\t-\n" * size


def pubmed(size: int) -> str:
    """One citation with an abstract of `size` parts and pieces of markup."""
    parts = "<AbstractText Label='A'>a <i>b</i> <sup>2</sup></AbstractText>" * size
    article = f"<ArticleTitle>T</ArticleTitle><Abstract>{parts}</Abstract>"
    citation = f"<MedlineCitation><PMID>1</PMID><Article>{article}</Article></MedlineCitation>"
    return f"<PubmedArticleSet>{citation}</PubmedArticleSet>"


def pmc(size: int) -> str:
    """One article with `size` sections, figures and citations."""
    section = "<sec><title>M</title><p>x<xref ref-type='bibr'>1</xref> y</p><fig><caption><p>c</p>"
    body = (section + "</caption></fig></sec>") * size
    ids = "<article-id pub-id-type='pmc'>1</article-id>"
    front = f"<front><article-meta>{ids}</article-meta></front>"
    return f"<pmc-articleset><article>{front}<body>{body}</body></article></pmc-articleset>"


def own(size: int) -> str:
    """One record of our own with `size` mentions and passages."""
    mentions = [{"start": 0, "end": 1, "label": "Gene"}] * size
    passages = [{"type": "p", "start": 0, "end": 1}] * size
    return json.dumps({"id": "1", "text": "x y", "mentions": mentions, "passages": passages}) + "\n"


CASES: Mapping[str, tuple[str, int, Callable[[int], str]]] = {
    "BioC: sentences, annotations, relations": ("a.json", 1_000, bioc),
    "PubTator: mentions and relations": ("a.txt", 2_000, pubtator),
    "PubTator: concepts of a composite relation": ("a.txt", 2_000, composite),
    "PubTator: mentions that are not the text": ("a.txt", 2_000, odd_mentions),
    "PubMed: parts of an abstract": ("a.xml", 2_000, pubmed),
    "PMC: sections, figures, citations": ("a.nxml", 1_000, pmc),
    "JSON lines: mentions and passages": ("a.jsonl", 4_000, own),
}
SIGNS = ("(", ")", "-", "([", "(a")


def seconds(work: Callable[[], Any]) -> float:
    """Processor time, the least of some rounds: what others do takes the rest."""
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


def exponent(times: Mapping[int, float]) -> float:
    """The slope of the logarithms by least squares."""
    points = [(math.log(size), math.log(max(value, 1e-6))) for size, value in times.items()]
    middle = [sum(axis) / len(points) for axis in zip(*points, strict=True)]
    above = sum((x - middle[0]) * (y - middle[1]) for x, y in points)
    return round(above / sum((x - middle[0]) ** 2 for x, _ in points), 2)


def measured(first: int, work: Callable[[int], Callable[[], Any]]) -> dict[str, Any]:
    times = {first * 2**step: seconds(work(first * 2**step)) for step in range(STEPS)}
    rounded = {str(size): round(value, 4) for size, value in times.items()}
    return {"seconds by size": rounded, "exponent": exponent(times)}


def main() -> None:
    arguments = options(__doc__).parse_args()
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:

        def reading(name: str, make: Callable[[int], str]) -> Callable[[int], Callable[[], Any]]:
            def of_size(size: int) -> Callable[[], Any]:
                path = Path(folder, name)
                path.write_text(make(size), encoding="utf-8")
                return lambda: list(read(path, on_error=lambda error: None))

            return of_size

        for case, (name, first, make) in CASES.items():
            reading(name, make)(10)()
            result[case] = measured(first, reading(name, make))
    for sign in SIGNS:

        def trimming(size: int, sign: str = sign) -> Callable[[], Any]:
            text = sign * size + "x"
            return lambda: trim_boundaries(text, [Mention(0, len(text), "Gene")])

        result[f"Trimming a mention of '{sign}'"] = measured(10_000, trimming)
    record("growth", result, arguments.results)


if __name__ == "__main__":
    main()
