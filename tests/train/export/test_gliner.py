"""The gliner package's own answers are compared where it is installed; tests/ner/test_gliner.py
keeps some of them.
"""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from biopipe.document import Document
from biopipe.errors import ExtraMissing, ModelError
from biopipe.ner.gliner import Gliner
from biopipe.ner.gliner_inputs import OUTSIDE, gliner_feed, label_prompts
from biopipe.ner.gliner_words import read_words, word_windows
from biopipe.runtime.session import Session
from biopipe.runtime.tokenizer import Tokenizer

torch = pytest.importorskip("torch", reason="needs the extra 'train'")

from biopipe.train.export.gliner_parity import check_label_vectors, check_spans  # noqa: E402
from biopipe.train.export.model import export_model  # noqa: E402
from biopipe.train.export.onnx_graph import trace  # noqa: E402
from biopipe.train.export.sample import parity_sample  # noqa: E402
from biopipe.train.export.task import ModelDescription  # noqa: E402
from biopipe.train.gliner.span_scores import SpanScores, check_supported, layout_of_config  # noqa: E402

LABELS = ["gene or protein", "disease"]
TEXTS = [
    "Aspirin in patients with cancer.",
    "cancer",
    "The BRCA1 gene and the disease of patients, e\u0301.",
]
WIDTH, SIZE = 3, 12
CONFIG = SimpleNamespace(
    span_mode="markerV0",
    subtoken_pooling="first",
    words_splitter_type="whitespace",
    span_encoder_config=None,
    precomputed_prompts_mode=None,
    post_fusion_schema="",
    max_width=WIDTH,
    max_len=30,
    embed_ent_token=True,
    ent_token="[MASK]",
    sep_token="[SEP]",
)


def projection(size: int, out: int) -> Any:
    layers = torch.nn
    return layers.Sequential(
        layers.Linear(size, out * 4),
        layers.ReLU(),
        layers.Dropout(0.1),
        layers.Linear(out * 4, out),
    )


class Encodes(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, bert: Any) -> None:
        super().__init__()
        self.bert = bert
        self.projection = torch.nn.Linear(bert.config.hidden_size, SIZE)

    def encode_text(self, input_ids: Any, attention_mask: Any) -> Any:
        return self.projection(self.bert(input_ids, attention_mask)[0])


class Shaped(torch.nn.Module):  # type: ignore[misc]
    """A model with the parts of GLiNER's, and its scores span by span, as its authors write
    them.
    """

    def __init__(self, bert: Any) -> None:
        super().__init__()
        self.token_rep_layer = Encodes(bert)
        self.rnn = torch.nn.Module()
        self.rnn.lstm = torch.nn.LSTM(SIZE, SIZE // 2, batch_first=True, bidirectional=True)
        spans = torch.nn.Module()
        spans.max_width = WIDTH
        spans.project_start, spans.project_end = projection(SIZE, SIZE), projection(SIZE, SIZE)
        spans.out_project = projection(2 * SIZE, SIZE)
        self.span_rep_layer = torch.nn.Module()
        self.span_rep_layer.span_rep_layer = spans
        self.prompt_rep_layer = projection(SIZE, SIZE)

    def plainly(self, feed: dict[str, Any], row: int) -> dict[tuple[int, int], Any]:
        """Logits (labels,) of each span of one row, by its first and last word."""
        states = self.token_rep_layer.encode_text(feed["input_ids"], feed["attention_mask"])[row]
        count = int(feed["text_lengths"][row])
        places = feed["words"][row, :count].tolist()
        words = torch.stack([states[place] if place >= 0 else states[0] * 0 for place in places])
        words = self.rnn.lstm(words[None])[0][0]
        labels = self.prompt_rep_layer(states[feed["labels"][row]])
        parts = self.span_rep_layer.span_rep_layer
        return {
            (first, last): labels
            @ parts.out_project(
                torch.cat(
                    [parts.project_start(words[first]), parts.project_end(words[last])]
                ).relu()
            )
            for first in range(count)
            for last in range(first, min(count, first + WIDTH))
        }


@pytest.fixture(scope="module")
def shaped(tiny_bert: Path) -> Any:
    from transformers import AutoModel

    torch.manual_seed(0)
    return Shaped(AutoModel.from_pretrained(tiny_bert, attn_implementation="eager")).eval()


@pytest.fixture(scope="module")
def feed(tiny_bert: Path) -> dict[str, Any]:
    """The windows of all texts in one batch, with padding."""
    tokenizer, layout = Tokenizer(tiny_bert / "tokenizer.json"), layout_of_config(CONFIG)
    words = read_words(TEXTS, tokenizer)
    windows = [
        window
        for number, each in enumerate(words)
        for window in word_windows(number, each, most_words=30, room=400, width=WIDTH)
    ]
    (prompt,) = label_prompts(LABELS, tokenizer, layout, most=200)
    return dict(gliner_feed(windows, words, prompt, tokenizer, "first", rows=4))


def test_graph_scores_each_span_as_plain_arithmetic_does(
    shaped: Any, feed: dict[str, Any], tmp_path: Path
) -> None:
    tensors = {name: torch.from_numpy(value) for name, value in feed.items()}
    axes = {name: {0: "batch", 1: f"{name}s"} for name in feed} | {
        "logits": {0: "batch", 1: "words", 3: "labels"}
    }
    axes["text_lengths"] = {0: "batch"}
    example = {name: value[:2].clone() for name, value in tensors.items()}
    config = shaped.token_rep_layer.bert.config
    trace(SpanScores(shaped), example, ["logits"], axes, tmp_path / "model.onnx", config=config)
    ((logits,),) = Session(tmp_path / "model.onnx").run([feed])
    assert logits.shape == (4, feed["words"].shape[1], WIDTH, len(LABELS))
    for row in range(len(TEXTS)):
        expected = shaped.plainly(tensors, row)
        for first in range(logits.shape[1]):
            for more in range(WIDTH):
                got = logits[row, first, more]
                if (first, first + more) in expected:
                    np.testing.assert_allclose(
                        got, expected[first, first + more].detach(), atol=1e-4
                    )
                else:
                    assert (got == OUTSIDE).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("span_mode", "token_level"),
        ("subtoken_pooling", "mean"),
        ("words_splitter_type", "spacy"),
        ("labels_decoder", "gpt2"),
        ("relations_layer", "biaffine"),
    ],
)
def test_other_kinds_are_refused(name: str, value: str) -> None:
    check_supported(CONFIG, "folder")
    with pytest.raises(
        ModelError, match=f"folder has {name} '{value}', which biopipe does not run"
    ):
        check_supported(SimpleNamespace(**{**vars(CONFIG), name: value}), "folder")


def test_settings_that_an_older_package_lacks() -> None:
    first = ("span_mode", "subtoken_pooling", "words_splitter_type")
    check_supported(SimpleNamespace(**{name: vars(CONFIG)[name] for name in first}), "folder")


def test_gates() -> None:
    logits = np.full((1, 4, 2, 1), OUTSIDE, dtype=np.float32)
    logits[0, :, 0, 0] = [3.0, -2.0, 1.0, -4.0]
    same = check_spans([[logits]], [[logits]], precision="fp32")
    assert (same["max_score_difference"], same["mention_f1"], same["rows"]) == (0.0, 1.0, 4)
    with pytest.raises(
        ModelError, match=r"fp32 graph's scores differ from the checkpoint's by 0\.0"
    ):
        check_spans([[logits + np.float32(0.2)]], [[logits]], precision="fp32")
    with pytest.raises(ModelError, match=r"int8 graph's mentions have an F1 of 0\.667"):
        check_spans([[np.where(logits == 1, -1, logits)]], [[logits]], precision="int8")
    vectors = np.eye(3, dtype=np.float32) * 5
    assert check_label_vectors([[vectors]], [[vectors * 2]], precision="fp32")[
        "min_cosine"
    ] == pytest.approx(1)


def test_what_is_not_a_checkpoint(tmp_path: Path) -> None:
    about = ModelDescription(name="x")
    (tmp_path / "gliner_config.json").write_text("{}", encoding="utf-8")
    try:
        import gliner  # noqa: F401
    except ImportError:
        with pytest.raises(ExtraMissing, match=r"biopipe\[gliner\]"):
            export_model(
                str(tmp_path), tmp_path / "out", about=about, precision="fp32", documents=[]
            )
    else:
        with pytest.raises(ModelError, match=r"There is no gliner_config.json in .*missing"):
            export_model(
                str(tmp_path / "missing"),
                tmp_path / "out",
                about=about,
                precision="fp32",
                documents=[],
                task="gliner",
            )


@pytest.fixture(scope="module")
def checkpoint(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("gliner", reason="needs the extra 'gliner'")
    from gliner.config import UniEncoderSpanConfig
    from gliner.model import UniEncoderSpanGLiNER

    torch.manual_seed(0)
    config = UniEncoderSpanConfig(
        model_name=str(tiny_bert),
        hidden_size=24,
        max_width=WIDTH,
        max_len=60,
        embed_ent_token=False,
    )
    model = UniEncoderSpanGLiNER.load_from_config(config)
    with torch.no_grad():
        for parameter in model.model.parameters():
            parameter.mul_(1.5)
    folder = tmp_path_factory.mktemp("gliner")
    model.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("precision", ["fp32", "int8", "fp16"])
def test_exported_checkpoint_answers_as_the_package_does(
    checkpoint: Path, tmp_path: Path, precision: str
) -> None:
    from gliner import GLiNER

    manifest = export_model(
        str(checkpoint),
        tmp_path / "model",
        about=ModelDescription(name="tiny"),
        precision=precision,
        documents=parity_sample(None),
    )
    assert (manifest.task, manifest.labels, manifest.settings["label_shift"]) == ("gliner", (), 1)
    package = GLiNER.from_pretrained(str(checkpoint), local_files_only=True)
    expected = package.inference(TEXTS[:2], LABELS, threshold=0.4)
    found = Gliner(tmp_path / "model", labels=LABELS, threshold=0.4).predict(
        [Document("", t) for t in TEXTS[:2]]
    )
    if precision == "fp32":
        assert [[(m.start, m.end, m.label) for m in each.mentions] for each in found] == [
            [(e["start"], e["end"], e["label"]) for e in each] for each in expected
        ]
        scores = [m.score for each in found for m in each.mentions]
        assert scores == pytest.approx([e["score"] for each in expected for e in each], abs=1e-3)
