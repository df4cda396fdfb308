"""Relation F1 of the extractor on the development set of BioRED, given its mentions and concept ids.

python benchmarks/relations_dev.py
python benchmarks/relations_dev.py --model int8=biopipe-relations-minilm --model fp32=FOLDER
"""

from comparison import add_models, compare, corpora, named
from record import options, record

from biopipe.evaluate.gold import without_relations
from biopipe.evaluate.relations import score_relations
from biopipe.relations.extractor import DEFAULT_EXTRACTOR, RelationExtractor

CORPORA = {"biored": "corpora/biored/dev.pubtator"}


def main() -> None:
    parser = options(__doc__)
    add_models(parser, DEFAULT_EXTRACTOR)
    arguments = parser.parse_args()
    result = compare(
        {name: RelationExtractor(model) for name, model in named(arguments.model, DEFAULT_EXTRACTOR).items()},
        corpora(arguments.data, CORPORA),
        strip=without_relations,
        score=score_relations,
        headline=lambda scores: float(scores["type"]["f1"]),
    )
    record("relations_dev", result, arguments.results)


if __name__ == "__main__":
    main()
