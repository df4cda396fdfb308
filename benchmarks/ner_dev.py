"""Strict mention F1 of the tagger on the development sets of BioRED, BC5CDR and NCBI Disease.

python benchmarks/ner_dev.py
python benchmarks/ner_dev.py --model int8=biopipe-ner-minilm --model fp32=FOLDER
"""

from comparison import add_models, compare, corpora, named
from record import options, record

from biopipe.evaluate.gold import without_annotations
from biopipe.evaluate.ner import score_ner
from biopipe.ner.tagger import DEFAULT_TAGGER, Tagger

CORPORA = {
    "biored": "corpora/biored/dev.pubtator",
    "bc5cdr": "corpora/bc5cdr/dev.pubtator",
    "ncbi-disease": "corpora/ncbi-disease/dev.pubtator",
}


def main() -> None:
    parser = options(__doc__)
    add_models(parser, DEFAULT_TAGGER)
    arguments = parser.parse_args()
    result = compare(
        {name: Tagger(model) for name, model in named(arguments.model, DEFAULT_TAGGER).items()},
        corpora(arguments.data, CORPORA),
        strip=without_annotations,
        score=score_ner,
        headline=lambda scores: float(scores["micro"]["f1"]),
    )
    record("ner_dev", result, arguments.results)


if __name__ == "__main__":
    main()
