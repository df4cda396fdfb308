"""Makes the files of this folder anew, with the gliner package: python tests/data/gliner/make.py

Two GLiNERs with random weights, exported by biopipe, and what the gliner package itself finds with
each.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from gliner.config import BiEncoderSpanConfig, UniEncoderSpanConfig
from gliner.model import BiEncoderSpanGLiNER, UniEncoderSpanGLiNER
from transformers import BertConfig

from biopipe.train.export.model import export_model
from biopipe.train.export.sample import parity_sample
from biopipe.train.export.task import ModelDescription

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from make_models import write_bert  # noqa: E402

LABELS = ["gene or protein", "disease", "drug"]
TEXTS = [
    "Aspirin in patients with breast cancer: the BRCA1 gene (HeLa_2), IL-2 and 5'-AMP.",
    "α-Synuclein, NF-κB/p65; étude \U0001f469 of 1,25-dihydroxy-vitamin_D3 in\nmice.",
    "",
    " \n ",
    "cancer",
]
ENCODER = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 4,
    "intermediate_size": 32,
}


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        base = write_bert(Path(temporary) / "bert")
        for kind, make in (("uni", uni), ("bi", bi)):
            torch.manual_seed(0)
            gliner = spread(make(str(base)).eval())
            gliner.save_pretrained(Path(temporary) / kind)
            shutil.rmtree(FOLDER / kind, ignore_errors=True)
            export_model(
                str(Path(temporary) / kind),
                FOLDER / kind,
                about=ModelDescription(name=f"tiny-gliner-{kind}", base_model="random weights"),
                precision="fp32",
                documents=parity_sample(None),
            )
            found = {name: entities(gliner, flat=name == "flat") for name in ("flat", "nested")}
            said = {"labels": LABELS, "texts": TEXTS, **found}
            (FOLDER / f"{kind}.json").write_text(
                json.dumps(said, indent=1, ensure_ascii=False) + "\n", "utf-8"
            )


def settings(base: str) -> dict[str, Any]:
    encoder = BertConfig(vocab_size=5, max_position_embeddings=128, **ENCODER).to_dict()
    return {
        "model_name": base,
        "encoder_config": encoder,
        "hidden_size": 12,
        "max_width": 3,
        "max_len": 30,
    }


def uni(base: str) -> Any:
    """With a projection and an LSTM."""
    return UniEncoderSpanGLiNER.load_from_config(
        UniEncoderSpanConfig(**settings(base), num_rnn_layers=1), backbone_from_pretrained=False
    )


def bi(base: str) -> Any:
    encoder = BertConfig(vocab_size=200, max_position_embeddings=64, **ENCODER).to_dict()
    config = BiEncoderSpanConfig(
        **settings(base), labels_encoder=base, labels_encoder_config=encoder
    )
    config.encoder_config.vocab_size = 200
    return BiEncoderSpanGLiNER.load_from_config(config, backbone_from_pretrained=False)


def spread(gliner: Any) -> Any:
    """With weights so large that labels and texts matter, and logits of a few units."""
    with torch.no_grad():
        for parameter in gliner.model.parameters():
            if parameter.ndim > 1:
                parameter.mul_(4.0)
        prepared = gliner.prepare_batch(TEXTS[:2], LABELS)
        batch = gliner.collate_batch(prepared["input_x"], prepared["entity_types"])
        tensors = {key: value for key, value in batch.items() if isinstance(value, torch.Tensor)}
        logits = gliner.model(**tensors).logits
        for parameter in gliner.model.span_rep_layer.span_rep_layer.out_project[3].parameters():
            parameter.mul_(2.0 / logits.std())
    return gliner


def entities(gliner: Any, *, flat: bool) -> list[list[list[Any]]]:
    found = gliner.inference(TEXTS, LABELS, flat_ner=flat, threshold=0.5)
    return [
        [[e["start"], e["end"], e["label"], round(e["score"], 6)] for e in each] for each in found
    ]


if __name__ == "__main__":
    main()
