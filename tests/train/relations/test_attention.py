"""The localised context reads the attention that an encoder's own last layer has."""

import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

import torch
from transformers import (
    BertConfig,
    BertModel,
    GPT2Config,
    GPT2Model,
    MPNetConfig,
    MPNetModel,
    PreTrainedModel,
)

from biopipe.errors import ConfigError
from biopipe.train.relations.attention import check_layout, encoder_of, position_bias
from biopipe.train.relations.model import Columns, RelationModel

SIZES = {
    "vocab_size": 50,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "attention_probs_dropout_prob": 0.0,
}


def bert() -> PreTrainedModel:
    return BertModel(BertConfig(**SIZES, attn_implementation="eager"))


def mpnet() -> PreTrainedModel:
    model = MPNetModel(MPNetConfig(**SIZES, attn_implementation="eager"))
    # Trained ones have a bias that tells places apart; a fresh one is nearly nothing.
    torch.nn.init.normal_(model.encoder.relative_attention_bias.weight)
    return model


@pytest.mark.parametrize("encoder", [bert, mpnet])
def test_a_mention_attends_as_in_the_last_layer(encoder: type[PreTrainedModel]) -> None:
    torch.manual_seed(0)
    model = RelationModel(
        encoder(),
        entity_labels=2,
        kinds=1,
        features=3,
        schemes=[Columns(labels=2, novelty=False, subject=False)],
    ).eval()
    ids = torch.randint(3, 50, (2, 7))
    mask = torch.ones_like(ids)
    mask[1, 5:] = 0
    with torch.inference_mode():
        embedded = model.encoder.get_input_embeddings()(ids)
        read = model.encoder(
            inputs_embeds=embedded,
            attention_mask=mask,
            output_hidden_states=True,
            output_attentions=True,
        )
        # One concept at token 2 of the first window, one at token 3 of the second.
        places = torch.tensor([[[2, 2]], [[7 + 3, 7 + 3]]])
        found = model._attention(read.hidden_states[-2], mask, places, torch.ones(2, 1))
    own = read.attentions[-1]
    assert torch.allclose(found[0, :, :7], own[0, :, 2], atol=1e-5)
    assert torch.allclose(found[1, :, 7:], own[1, :, 3], atol=1e-5)
    assert found[0, :, 7:].abs().max() < 1e-6
    assert found[1, :, :7].abs().max() < 1e-6


def test_only_some_architectures_have_a_bias_of_places() -> None:
    states = torch.zeros(1, 5, 32)
    assert position_bias(bert(), states) is None
    bias = position_bias(mpnet(), states)
    assert bias is not None
    assert bias.shape == (4, 5, 5)


def test_an_encoder_without_the_asked_for_attention_gets_the_plain_one() -> None:
    assert encoder_of(MPNetConfig(**SIZES), "sdpa").config._attn_implementation in ("eager", "sdpa")
    assert encoder_of(BertConfig(**SIZES), "sdpa").config._attn_implementation == "sdpa"


def test_an_architecture_of_another_layout_is_named() -> None:
    other = GPT2Model(GPT2Config(n_layer=1, n_head=2, n_embd=8, vocab_size=20))
    with pytest.raises(ConfigError, match="architecture gpt2 of mine is not laid out like BERT"):
        check_layout(other, "mine")
