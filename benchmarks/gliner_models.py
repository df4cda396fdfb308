"""GLiNER checkpoints with random weights, made with the gliner package, for the benchmarks beside
this file.
"""

from pathlib import Path
from typing import Any

import torch
from gliner.config import BiEncoderSpanConfig, UniEncoderSpanConfig
from gliner.model import BiEncoderSpanGLiNER, UniEncoderSpanGLiNER
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import BertConfig, DebertaV2Config, DebertaV2Model, PreTrainedTokenizerFast

from biopipe.train.common.base import PACKAGED, resolve_base

__all__ = ["KINDS", "LABELS", "make_checkpoint"]

LABELS = ["gene or protein", "disease or symptom", "drug", "species", "mutation", "cell line"]
SMALL = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
}
HEAD = {"hidden_size": 48, "max_width": 8, "max_len": 96}
KINDS = ("uni-encoder", "uni-encoder, DeBERTa", "bi-encoder", "MiniLM")


def make_checkpoint(kind: str, folder: Path, texts: list[str], *, silent: bool = False) -> Path:
    """Write one of KINDS: three small ones, and one of six layers of 384 with the head GLiNER has
    by default.

    Logits are a few units about -1, so that some spans are mentions, or with `silent` near -8, so
    that none is.
    """
    torch.manual_seed(0)
    base = resolve_base(PACKAGED)
    bert = BertConfig(vocab_size=30522, max_position_embeddings=512, **SMALL).to_dict()
    if kind == "MiniLM":
        model = UniEncoderSpanGLiNER.load_from_config(
            UniEncoderSpanConfig(model_name=base, hidden_size=384)
        )
    elif kind == "bi-encoder":
        both = {
            "model_name": base,
            "labels_encoder": base,
            "encoder_config": bert,
            "labels_encoder_config": dict(bert),
        }
        model = _random(BiEncoderSpanGLiNER, BiEncoderSpanConfig(**both, **HEAD))
    elif kind == "uni-encoder":
        model = _random(
            UniEncoderSpanGLiNER, UniEncoderSpanConfig(model_name=base, encoder_config=bert, **HEAD)
        )
    else:
        base = str(_deberta(folder.with_name(f"{folder.name}-base"), texts))
        model = UniEncoderSpanGLiNER.load_from_config(UniEncoderSpanConfig(model_name=base, **HEAD))
    _spread(model.eval(), texts[0], *((-8.0, 0.1) if silent else (-1.0, 2.0)))
    model.save_pretrained(folder)
    return folder


def _random(kind: Any, config: Any) -> Any:
    return kind.load_from_config(config, backbone_from_pretrained=False)


def _deberta(folder: Path, texts: list[str]) -> Path:
    """An encoder and a SentencePiece tokenizer as DeBERTa-v3 has them, small."""
    raw = Tokenizer(models.Unigram())
    raw.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace("\n", " ")])
    raw.pre_tokenizer, raw.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"]
    raw.train_from_iterator(
        texts,
        trainers.UnigramTrainer(
            vocab_size=1000, special_tokens=special, unk_token="[UNK]", show_progress=False
        ),
    )
    raw.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw,
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        unk_token="[UNK]",
    )
    config = DebertaV2Config(
        vocab_size=len(tokenizer),
        relative_attention=True,
        position_buckets=32,
        max_relative_positions=-1,
        pos_att_type=["p2c", "c2p"],
        share_att_key=True,
        norm_rel_ebd="layer_norm",
        position_biased_input=False,
        type_vocab_size=0,
        initializer_range=0.2,
        **SMALL,
    )
    DebertaV2Model(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _spread(gliner: Any, text: str, mean: float, deviation: float) -> None:
    """Change the last layer so that the logits of each label have this mean and standard
    deviation.
    """
    prepared = gliner.prepare_batch([text], LABELS)
    batch = gliner.collate_batch(prepared["input_x"], prepared["entity_types"])
    tensors = {key: value for key, value in batch.items() if isinstance(value, torch.Tensor)}
    with torch.no_grad():
        last = gliner.model.span_rep_layer.span_rep_layer.out_project[3]
        logits = gliner.model(**tensors).logits.flatten(0, 2)
        for parameter in last.parameters():
            parameter.mul_(deviation / logits.std(dim=0).mean())
        said = gliner.model(**tensors)
        above = said.logits.flatten(0, 2).mean(dim=0) - mean
        last.bias.sub_(torch.linalg.pinv(said.prompts_embedding[0]) @ above)
