"""Makes biopipe/testing/models anew, with the extra 'train': python tests/data/make_models.py

Models with random weights from fixed seeds, exported by biopipe. tests/testing/test_tiny_models.py
checks that this script still makes what is committed.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertForTokenClassification,
    BertModel,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from biopipe.runtime.trunk import Trunk
from biopipe.train.common.base import save_tokenizer
from biopipe.train.export.model import export_model
from biopipe.train.export.sample import parity_sample
from biopipe.train.export.task import ModelDescription
from biopipe.train.linking.biencoder import BiEncoderModel, save_biencoder
from biopipe.train.relations.model import RelationModel
from biopipe.train.relations.scheme import Scheme, Task, save_trained_scheme
from biopipe.train.relations.trunk import save_trunk

LABELS = ("Gene", "Disease", "Chemical", "Species", "Variant", "CellLine")
PAIRS = (("Gene", "Disease"), ("Chemical", "Disease"), ("Gene", "Gene"), ("Gene", "Chemical"))
RELATIONS = ("Association", "Positive_Correlation", "Negative_Correlation")


def vocabulary() -> list[str]:
    """Wordpieces that spell any ASCII text, and a few words."""
    letters = [chr(code) for code in range(33, 127) if not chr(code).isupper()]
    words = ["the", "of", "in", "disease", "gene", "patients", "cancer", "aspirin"]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    return [*special, *letters, *(f"##{c}" for c in letters if c.isalnum()), *words]


def write_bert(folder: Path, *, tags: list[str] | None = None, spread: float = 0.05) -> Path:
    """A random two-layer BERT checkpoint with a fast tokenizer, as transformers saves one.

    With `tags` it is a token classifier; `spread` is the deviation of the weights.
    """
    torch.manual_seed(0)
    config = _config(spread)
    if tags is None:
        model: PreTrainedModel = BertModel(config)
    else:
        config.id2label = dict(enumerate(tags))
        config.label2id = {tag: i for i, tag in enumerate(tags)}
        model = BertForTokenClassification(config)
        with torch.no_grad():
            # Random tags are all but equally likely, and rounding would decide between them.
            model.classifier.weight *= torch.linspace(0.1, 1.0, len(tags))[:, None]
    model.save_pretrained(folder)
    _tokenizer().save_pretrained(folder)
    return folder


def write_tagger(folder: Path) -> Path:
    """A random token classifier of `LABELS`."""
    tags = ["O", *(f"{prefix}-{label}" for label in LABELS for prefix in "BI")]
    return write_bert(folder, tags=tags, spread=0.4)


def write_relations(folder: Path, base: Path, *, trunk: Path | None = None) -> Path:
    """A random relation checkpoint of two schemes, as `biopipe train relations` writes one; on a
    `trunk` it has one layer of its own.
    """
    folder.mkdir()
    torch.manual_seed(1)
    also = {"cid": Task(relation_labels=("CID",), pairs=(("Chemical", "Disease"),))}
    scheme = Scheme(LABELS, RELATIONS, PAIRS, train=(), dev=(), also=also)
    own_layers = None if trunk is None else 1
    model = RelationModel.start(str(base), **scheme.shape(), own_layers=own_layers)
    for layer in (model.words, model.mix):
        torch.nn.init.normal_(layer.weight, std=0.3)
    save_file(model.state_dict(), folder / "model.safetensors")
    model.encoder.config.save_pretrained(folder)
    save_tokenizer(str(base), folder)
    save_trunk(folder, None if trunk is None else Trunk(trunk))
    save_trained_scheme(folder, scheme, {"": 0.5, "cid": 0.5})
    return folder


def write_biencoder(folder: Path, base: Path) -> Path:
    """The encoder of `base` with the mean of its tokens."""
    folder.mkdir()
    save_tokenizer(str(base), folder)
    encoder = BertModel.from_pretrained(base, add_pooling_layer=False)
    save_biencoder(BiEncoderModel(encoder, pooling="mean"), folder)
    return folder


def write_reranker(folder: Path) -> Path:
    """A random sequence classifier with one output."""
    torch.manual_seed(2)
    config = _config(0.4)
    config.num_labels = 1
    BertForSequenceClassification(config).save_pretrained(folder)
    _tokenizer().save_pretrained(folder)
    mixture = {"linker": 1.0, "reranker": 0.5, "nil": 0.0}
    (folder / "reranker.json").write_text(json.dumps(mixture))
    return folder


def write_models(folder: Path, scratch: Path) -> None:
    """All tiny models below `folder`; checkpoints that are only exported go to `scratch`."""
    bert = write_bert(folder / "tiny-bert")
    tagger = write_tagger(scratch / "tagger")
    _export(tagger, folder / "tiny-tagger")
    _export(tagger, folder / "tiny-tagger-states", states_layer=1)
    _export(write_relations(scratch / "relations", bert), folder / "tiny-relations")
    trunk = folder / "tiny-tagger-states"
    shared = write_relations(scratch / "shared", tagger, trunk=trunk)
    _export(shared, folder / "tiny-relations-shared")
    _export(write_biencoder(scratch / "biencoder", bert), folder / "tiny-biencoder")
    _export(write_reranker(scratch / "reranker"), folder / "tiny-reranker")


def _export(checkpoint: Path, output: Path, *, states_layer: int | None = None) -> None:
    export_model(
        str(checkpoint),
        output,
        about=ModelDescription(name=output.name, base_model="random weights"),
        precision="fp32",
        documents=parity_sample(None),
        states_layer=states_layer,
    )


def _config(spread: float) -> BertConfig:
    return BertConfig(
        vocab_size=len(vocabulary()),
        hidden_size=48,
        num_hidden_layers=2,
        num_attention_heads=12,
        intermediate_size=64,
        max_position_embeddings=512,
        initializer_range=spread,
    )


def _tokenizer() -> PreTrainedTokenizerFast:
    pieces = {piece: number for number, piece in enumerate(vocabulary())}
    raw = Tokenizer(models.WordPiece(pieces, unk_token="[UNK]"))
    raw.normalizer = normalizers.BertNormalizer(lowercase=True)
    raw.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    raw.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return PreTrainedTokenizerFast(
        tokenizer_object=raw,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    )


if __name__ == "__main__":
    target = Path(__file__).resolve().parents[2] / "biopipe" / "testing" / "models"
    work = target.with_name("models.tmp")
    for old in (target, work):
        shutil.rmtree(old, ignore_errors=True)
        old.mkdir()
    try:
        write_models(target, work)
    finally:
        shutil.rmtree(work)
    sys.stdout.write(f"{target}: {sum(f.stat().st_size for f in target.rglob('*.*')):,} bytes\n")
