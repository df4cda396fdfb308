"""Strict mention F1 of the tagger on the development sets of BioRED, BC5CDR and NCBI Disease, and on
everyday sentences.

    python benchmarks/ner_dev.py
    python benchmarks/ner_dev.py --model int8=biopipe-ner-minilm --model fp32=FOLDER

BC2GM has no development set: its sentences here are the fifth whose ids have the lowest hashes
(`share` of the model's recipe), read by BC2GM's own guideline. The second half of the shipped
model's training left them out; the first, of which a part of its weights come, saw each 0.75 times
on average, so the figure is kind.
"""

from typing import Any

from comparison import add_models, compare, corpora, named
from record import options, record

from biopipe.document import Document
from biopipe.evaluate.gold import without_annotations
from biopipe.evaluate.mention_scores import score_ner
from biopipe.ner.tagger import DEFAULT_TAGGER, Tagger
from biopipe.train.common.corpora import share_position

CORPORA = {
    "biored": "corpora/biored/dev.pubtator",
    "bc5cdr": "corpora/bc5cdr/dev.pubtator",
    "ncbi-disease": "corpora/ncbi-disease/dev.pubtator",
    "everyday": "everyday/dev.pubtator",
}


BC2GM = {"bc2gm": "corpora/bc2gm/train.pubtator"}
SHARE = 0.2


def scored(taggers: dict[str, Tagger], gold: dict[str, list[Document]]) -> dict[str, Any]:
    """Scores of each tagger on each corpus."""
    return compare(
        taggers,
        gold,
        strip=without_annotations,
        score=score_ner,
        headline=lambda scores: float(scores["micro"]["f1"]),
    )


def main() -> None:
    parser = options(__doc__)
    add_models(parser, DEFAULT_TAGGER)
    arguments = parser.parse_args()
    models = named(arguments.model, DEFAULT_TAGGER)
    taggers = {name: Tagger(model) for name, model in models.items()}
    untold = {
        f"{name}, told no names": Tagger(models[name], kb=[])
        for name, tagger in taggers.items()
        if tagger.names is not None
    }
    result = scored({**taggers, **untold}, corpora(arguments.data, CORPORA))
    guided = {name: Tagger(model, guideline="bc2gm") for name, model in models.items()}
    sentences = [d for d in corpora(arguments.data, BC2GM)["bc2gm"] if share_position(d.id) < SHARE]
    for name, each in scored(guided, {"bc2gm": sentences}).items():
        result[name]["corpora"].update(each["corpora"])
    record("ner_dev", result, arguments.results)


if __name__ == "__main__":
    main()
