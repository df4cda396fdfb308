"""Token classifiers of other architectures and tokenizers than BERT's, from a checkpoint to
mentions.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

import torch
import transformers
from tokenizers import Tokenizer as FastTokenizer
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoConfig, AutoModelForTokenClassification, PreTrainedTokenizerFast

from biopipe.document import Document
from biopipe.errors import ModelError
from biopipe.ner.tagger import Tagger
from biopipe.runtime.manifest import load_manifest
from biopipe.runtime.session import Session
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.train.export.model import export_model
from biopipe.train.export.sample import parity_sample
from biopipe.train.export.task import ModelDescription

TEXT = "BRCA1 (p.V600E), α-synuclein\n and  IL-6: 5'-AMP; naïve T-cells…  βγ 𝛼 ok."
WORDS = re.findall(r"[^\W_]+|[^\w\s]", TEXT)
CORPUS = [
    TEXT,
    "The gene BRCA1 in 24 patients with asthma.",
    "metformin, cisplatin and valproic acid (IL-6)",
]
BIO = ["O", "B-Disease", "I-Disease", "B-Gene", "I-Gene"]
SPECIAL = {
    "bert": ("[PAD]", "[UNK]", "[CLS]", "[SEP]"),
    "roberta": ("<s>", "<pad>", "</s>", "<unk>"),
}


def wordpiece(*, lowercase: bool) -> FastTokenizer:
    raw = FastTokenizer(models.WordPiece(unk_token="[UNK]"))
    raw.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    raw.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=150, special_tokens=list(SPECIAL["bert"]), show_progress=False
    )
    raw.train_from_iterator(CORPUS, trainer)
    raw.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return raw


def byte_level(*, trimmed: bool) -> FastTokenizer:
    raw = FastTokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=not trimmed)
    raw.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=list(SPECIAL["roberta"]),
        initial_alphabet=alphabet,
        show_progress=False,
    )
    raw.train_from_iterator(CORPUS, trainer)
    raw.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=trimmed)
    return raw


def unigram() -> FastTokenizer:
    raw = FastTokenizer(models.Unigram())
    raw.normalizer = normalizers.Sequence([normalizers.Replace("\n", " "), normalizers.NFKC()])
    raw.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=120, special_tokens=list(SPECIAL["bert"]), unk_token="[UNK]", show_progress=False
    )
    raw.train_from_iterator(CORPUS, trainer)
    raw.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return raw


TOKENIZERS: dict[str, Callable[[], FastTokenizer]] = {
    "uncased": lambda: wordpiece(lowercase=True),
    "cased": lambda: wordpiece(lowercase=False),
    "byte-level": lambda: byte_level(trimmed=True),
    "byte-level, spaces kept": lambda: byte_level(trimmed=False),
    "unigram": unigram,
}
DEBERTA = {
    "relative_attention": True,
    "pos_att_type": ["p2c", "c2p"],
    "position_buckets": 16,
    "norm_rel_ebd": "layer_norm",
    "share_att_key": True,
    "position_biased_input": False,
    "type_vocab_size": 0,
}
ARCHITECTURES: dict[str, tuple[str, dict[str, Any]]] = {
    "bert": ("uncased", {}),
    "distilbert": ("uncased", {}),
    "electra": ("uncased", {"embedding_size": 16}),
    "roberta": ("byte-level", {"max_position_embeddings": 514, "pad_token_id": 1}),
    "deberta-v2": ("unigram", DEBERTA),
}


def write_checkpoint(
    folder: Path, kind: str, *, tokenizer: str = "", tags: list[str] | None = None, **more: Any
) -> Path:
    """A token classifier with random weights, two layers and a width of 32."""
    default, settings = ARCHITECTURES[kind]
    raw = TOKENIZERS[tokenizer or default]()
    marks = SPECIAL["roberta" if "byte" in (tokenizer or default) else "bert"]
    named = {
        "pad_token": marks[1],
        "cls_token": marks[0],
        "sep_token": marks[2],
        "unk_token": marks[3],
    }
    if marks is SPECIAL["bert"]:
        named = {
            "pad_token": marks[0],
            "unk_token": marks[1],
            "cls_token": marks[2],
            "sep_token": marks[3],
        }
    torch.manual_seed(3)
    config = AutoConfig.for_model(
        kind,
        vocab_size=raw.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=48,
        **{"initializer_range": 0.3, "max_position_embeddings": 512, **settings, **more},
    )
    if kind == "distilbert":
        config.dim, config.n_layers, config.n_heads, config.hidden_dim = 32, 2, 4, 48
    config.id2label = dict(enumerate(tags or BIO))
    config.label2id = {tag: number for number, tag in config.id2label.items()}
    AutoModelForTokenClassification.from_config(config).save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=raw, **named).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_words_are_the_same_whatever_the_tokenizer(kind: str, tmp_path: Path) -> None:
    TOKENIZERS[kind]().save(str(tmp_path / "tokenizer.json"))
    tokenizer = Tokenizer(tmp_path / "tokenizer.json")
    (tokens,) = tokenizer.encode([TEXT])
    assert sorted(tokens.words.tolist()) == tokens.words.tolist()
    spans = [tokens.offsets[tokens.words == word] for word in np.unique(tokens.words)]
    words = [TEXT[each[:, 0].min() : each[:, 1].max()] for each in spans]
    if kind in {"cased", "uncased"}:
        assert words == WORDS
    # One piece of the others may hold two signs, but none of their words ends inside one of BERT's.
    edges = {edge for match in re.finditer(r"[^\W_]+|[^\w\s]", TEXT) for edge in match.span()}
    assert {int(each[:, 0].min()) for each in spans} | {
        int(each[:, 1].max()) for each in spans
    } <= edges
    assert "".join(words) == "".join(WORDS)
    for start, end in tokens.offsets.tolist():
        assert TEXT[start:end] == TEXT[start:end].strip()
    blank = tokenizer.encode(["", "  \n", "a  \n "])
    assert [sorted({end for _, end in each.offsets.tolist()}) for each in blank] in (
        [[], [], [1]],
        [[], [0], [1]],
    )


@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_every_architecture_passes_parity_and_finds_mentions(kind: str, tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "checkpoint", kind)
    folder = tmp_path / "model"
    export_model(
        str(checkpoint),
        folder,
        about=ModelDescription(name=kind),
        precision="fp32",
        also=["fp16"],
        documents=parity_sample(None),
        states_layer=1,
    )
    manifest = load_manifest(folder)
    assert (manifest.labels, manifest.max_length, manifest.stride) == (("Disease", "Gene"), 512, 64)
    assert manifest.variants["fp16"]["parity"]["max_logit_difference"] > 0
    tagger = Tagger(folder)
    (found,) = tagger.predict([Document("1", TEXT * 40)])
    assert found.windows > 1
    assert found.mentions, "random weights this wild find something"
    edges = {
        0,
        *(edge for match in re.finditer(r"[^\W_]+|[^\w\s]", TEXT * 40) for edge in match.span()),
    }
    assert {edge for m in found.mentions for edge in (m.start, m.end)} <= edges
    _padding_changes_nothing(checkpoint, folder)


def _padding_changes_nothing(checkpoint: Path, folder: Path) -> None:
    """Every graph gives each text of a padded batch what the checkpoint gives it alone."""
    tokenizer = Tokenizer(folder / "tokenizer.json")
    rows = [
        [*tokenizer.prefix, *t.ids.tolist(), *tokenizer.suffix]
        for t in tokenizer.encode([TEXT * 7, TEXT])
    ]
    ids = np.full((2, max(map(len, rows))), tokenizer.pad_id, dtype=np.int64)
    mask = np.zeros_like(ids)
    for number, row in enumerate(rows):
        ids[number, : len(row)], mask[number, : len(row)] = row, 1
    model = AutoModelForTokenClassification.from_pretrained(checkpoint).eval()
    for file, near in (("model.onnx", 1e-3), ("model.fp16.onnx", 0.1)):
        ((logits, _),) = Session(folder / file).run([{"input_ids": ids, "attention_mask": mask}])
        for number, row in enumerate(rows):
            with torch.inference_mode():
                want = model(torch.tensor([row])).logits[0].numpy()
            assert np.abs(logits[number, : len(row)] - want).max() < near


@pytest.mark.parametrize(
    ("kind", "settings", "length"),
    [
        ("roberta", {"max_position_embeddings": 130}, 128),
        ("bert", {"max_position_embeddings": 256}, 256),
    ],
)
def test_the_longest_input_comes_from_the_configuration(
    kind: str, settings: dict[str, int], length: int, tmp_path: Path
) -> None:
    checkpoint = write_checkpoint(tmp_path / "checkpoint", kind, **settings)
    folder = tmp_path / "m"
    about = ModelDescription(name="m")
    export_model(
        str(checkpoint), folder, about=about, precision="fp32", documents=parity_sample(None)
    )
    manifest = load_manifest(folder)
    assert (manifest.max_length, manifest.stride) == (length, min(64, length // 4))
    (found,) = Tagger(folder).predict([Document("1", TEXT * 40)])
    assert found.windows > 4


def test_the_tokenizers_own_limit_counts_too(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "checkpoint", "bert")
    path = checkpoint / "tokenizer_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "model_max_length": 100}))
    manifest = export_model(
        str(checkpoint),
        tmp_path / "m",
        about=ModelDescription(name="m"),
        precision="fp32",
        documents=parity_sample(None),
    )
    assert manifest.max_length == 100


def test_tags_without_names_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    tags = [f"LABEL_{number}" for number in range(3)]
    checkpoint = write_checkpoint(tmp_path / "checkpoint", "bert", tags=tags)
    with pytest.raises(ModelError, match=r"'LABEL_0' has no name; .*id2label"):
        export_model(
            str(checkpoint),
            tmp_path / "m",
            about=ModelDescription(name="m"),
            precision="fp32",
            documents=parity_sample(None),
        )
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    "tags",
    [
        ["I-Disease", "O"],
        ["B_Disease", "I_Disease", "E_Disease", "S_Disease", "O"],
        ["disease", "o"],
    ],
)
def test_io_and_bioes_checkpoints_give_mentions(tags: list[str], tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "checkpoint", "bert", tags=tags)
    export_model(
        str(checkpoint),
        tmp_path / "m",
        about=ModelDescription(name="m"),
        precision="fp32",
        documents=parity_sample(None),
    )
    tagger = Tagger(tmp_path / "m")
    assert [label.lower() for label in tagger.labels] == ["disease"]
    (found,) = tagger.predict([Document("1", TEXT)])
    assert found.mentions
    assert {m.label for m in found.mentions} == set(tagger.labels)


def test_transformers_reads_what_the_tests_write(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "checkpoint", "roberta")
    pipeline = transformers.pipeline("token-classification", model=str(checkpoint), device="cpu")
    assert {each["entity"] for each in pipeline(TEXT)} <= set(BIO)
