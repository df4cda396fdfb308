"""Model directories of kilobytes with random weights, for tests of code that runs models.

They are real: an ONNX graph, a tokenizer, a manifest with hashes. What they find is nonsense, and
always the same nonsense. tests/data/make_models.py makes them.
"""

from pathlib import Path

from biopipe.errors import ModelError

__all__ = ["TINY_MODELS", "tiny_model"]

TINY_MODELS = {
    "tiny-bert": "an encoder as a Hugging Face checkpoint, to train from; 2 layers, 48 wide",
    "tiny-tagger": "mentions of six labels",
    "tiny-tagger-states": "the same tagger, which also gives its hidden states",
    "tiny-relations": "relations of two schemes, with an encoder of its own",
    "tiny-relations-shared": "relations, from the hidden states of tiny-tagger-states",
    "tiny-biencoder": "vectors of names, 48 wide",
    "tiny-reranker": "scores of a mention's candidates",
}
_FOLDER = Path(__file__).resolve().parent / "models"


def tiny_model(name: str) -> Path:
    """The folder of a tiny model, to give to a predictor or a pipeline; do not write to it.

        nlp = biopipe.build({"components": {"biopipe_ner": {"model": tiny_model("tiny-tagger")}}})

    ModelError names the models there are.
    """
    if name not in TINY_MODELS:
        raise ModelError(f"There is no tiny model '{name}'; give one of: {', '.join(TINY_MODELS)}.")
    return _FOLDER / name
