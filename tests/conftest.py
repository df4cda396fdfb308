"""Model directories for tests: real ONNX graphs and tokenizers, tiny, with random weights."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from biopipe.document import Document, Mention

LABELS = ("Gene", "Disease", "Chemical", "Species", "Variant", "CellLine")
PAIRS = (("Gene", "Disease"), ("Chemical", "Disease"), ("Gene", "Gene"), ("Gene", "Chemical"))
RELATIONS = ("Association", "Positive_Correlation", "Negative_Correlation")


@pytest.fixture(scope="session")
def run_limited() -> Callable[[str], None]:
    """Runs Python code in a process that the system ends after 30 seconds of its processor's time.

    For code whose work must grow with its input alone: what takes a second where it does, and hours
    where it grows with the square, fails on any machine that is not thirty times slower, however
    busy it is.
    """

    def run(code: str) -> None:
        limit = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (30, 30))\n"
        done = subprocess.run([sys.executable, "-c", limit + code], capture_output=True, text=True)
        assert done.returncode == 0, f"{done.returncode}\n{done.stderr}"

    return run


def vocabulary() -> list[str]:
    """Wordpieces that spell any ASCII text, and a few words."""
    letters = [chr(code) for code in range(33, 127) if not chr(code).isupper()]
    words = ["the", "of", "in", "disease", "gene", "patients", "cancer", "aspirin"]
    return [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *letters,
        *(f"##{c}" for c in letters if c.isalnum()),
        *words,
    ]


def write_tiny_bert(folder: Path, *, tags: list[str] | None = None, spread: float = 0.05) -> Path:
    """A random two-layer BERT checkpoint with a fast tokenizer, as transformers saves one."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import (
        BertConfig,
        BertForTokenClassification,
        BertModel,
        PreTrainedTokenizerFast,
    )

    torch.manual_seed(0)
    words = vocabulary()
    raw = Tokenizer(models.WordPiece({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    raw.normalizer = normalizers.BertNormalizer(lowercase=True)
    raw.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    raw.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    )
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=48,
        num_hidden_layers=2,
        num_attention_heads=12,
        intermediate_size=64,
        max_position_embeddings=512,
        initializer_range=spread,
    )
    if tags is None:
        model = BertModel(config)
    else:
        config.id2label = dict(enumerate(tags))
        config.label2id = {tag: i for i, tag in enumerate(tags)}
        model = BertForTokenClassification(config)
        with (
            torch.no_grad()
        ):  # random tags are all but equally likely, and rounding would decide between them
            model.classifier.weight *= torch.linspace(0.1, 1.0, len(tags))[:, None]
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Hugging Face encoder checkpoint."""
    pytest.importorskip("transformers", reason="needs the extra 'train'")
    return write_tiny_bert(tmp_path_factory.mktemp("tiny") / "bert")


@pytest.fixture(scope="session")
def tiny_tagger_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Hugging Face token classifier with random weights."""
    pytest.importorskip("transformers", reason="needs the extra 'train'")
    tags = ["O", *(f"{prefix}-{label}" for label in LABELS for prefix in "BI")]
    return write_tiny_bert(tmp_path_factory.mktemp("tiny") / "tagger", tags=tags, spread=0.4)


@pytest.fixture(scope="session")
def tiny_tagger(tiny_tagger_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tagger's model directory (fp32 ONNX, random weights: it finds nonsense, but the same
    nonsense always).
    """
    from biopipe.train.export.model import About, export_model, parity_sample

    output = tmp_path_factory.mktemp("models") / "tiny-tagger"
    about = About(name="tiny-tagger")
    export_model(
        str(tiny_tagger_checkpoint),
        output,
        about=about,
        precision="fp32",
        documents=parity_sample(None),
    )
    return output


@pytest.fixture(scope="session")
def tiny_relation_checkpoint(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A relation checkpoint with random weights, as `biopipe train relations` writes one."""
    import torch
    from safetensors.torch import save_file

    from biopipe.train.common.base import save_tokenizer
    from biopipe.train.relations.model import RelationModel
    from biopipe.train.relations.scheme import Scheme, Task, save_trained_scheme

    folder = tmp_path_factory.mktemp("tiny") / "relations"
    folder.mkdir()
    torch.manual_seed(1)
    also = {"cid": Task(relation_labels=("CID",), pairs=(("Chemical", "Disease"),))}
    scheme = Scheme(LABELS, RELATIONS, PAIRS, train=(), dev=(), also=also)
    model = RelationModel.start(str(tiny_bert), **scheme.shape())
    for layer in (model.words, model.mix):
        torch.nn.init.normal_(layer.weight, std=0.3)
    save_file(model.state_dict(), folder / "model.safetensors")
    model.encoder.config.save_pretrained(folder)
    save_tokenizer(str(tiny_bert), folder)
    save_trained_scheme(folder, scheme, {"": 0.5, "cid": 0.5})
    return folder


@pytest.fixture(scope="session")
def tiny_relations(
    tiny_relation_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A relation extractor's model directory (fp32 ONNX, random weights)."""
    from biopipe.train.export.model import About, export_model, parity_sample

    output = tmp_path_factory.mktemp("models") / "tiny-relations"
    about = About(name="tiny-relations")
    export_model(
        str(tiny_relation_checkpoint),
        output,
        about=about,
        precision="fp32",
        documents=parity_sample(None),
    )
    return output


@pytest.fixture
def linked_document() -> Document:
    """Two genes, a disease and a chemical, one mention without an id."""
    text = (
        "BRCA1 and TP53 in breast cancer. "
        "Cisplatin treats breast cancer with BRCA1 loss, and olaparib too."
    )
    spans = [
        ("BRCA1", "Gene", "NCBIGene:672"),
        ("TP53", "Gene", "NCBIGene:7157"),
        ("breast cancer", "Disease", "MESH:D001943"),
        ("Cisplatin", "Chemical", "MESH:D002945"),
        ("olaparib", "Chemical", ""),
    ]
    mentions = []
    for word, label, concept in spans:
        start = text.find(word)
        while start >= 0:
            mentions.append(
                Mention(start, start + len(word), label, concept_ids=(concept,) if concept else ())
            )
            start = text.find(word, start + 1)
    return Document("d1", text, mentions=tuple(sorted(mentions, key=lambda m: m.start)))
