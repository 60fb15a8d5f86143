"""Small models of many families with untrained weights, made and saved as their own libraries save them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

WORDS = """
    tell me about cats and dogs please user assistant system the a is of in on where how what who it
    kettle lid water warm cold red blue green one two three four five six seven eight nine ten : . ? !
"""
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "</s>")
CONTEXT = 64


def save(folder: Path, model_class: str, **sizes: Any) -> Path:
    """Save a model of a class of transformers with a tokenizer of a few words; returns the folder."""
    import torch
    import transformers

    torch.manual_seed(7)
    tokenizer = _tokenizer()
    tokenizer.save_pretrained(folder)
    kind = getattr(transformers, model_class)
    common = {"vocab_size": len(tokenizer), "pad_token_id": 0, "eos_token_id": 5, "bos_token_id": 2}
    kind(kind.config_class(**common | sizes)).save_pretrained(folder)
    return folder


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = [*SPECIAL, *dict.fromkeys(WORDS.split())]
    inner = Tokenizer(models.WordLevel({word: at for at, word in enumerate(words)}, unk_token="[UNK]"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]", eos_token="</s>", model_max_length=CONTEXT, clean_up_tokenization_spaces=False,
    )  # fmt: skip


BERT = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": CONTEXT,
}
LLAMA = BERT | {"num_key_value_heads": 1}
CAUSAL: dict[str, tuple[str, dict[str, Any]]] = {
    "gpt2": ("GPT2LMHeadModel", {"n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": CONTEXT}),
    "llama": ("LlamaForCausalLM", LLAMA),
    "mamba": ("MambaForCausalLM", {"hidden_size": 16, "num_hidden_layers": 2, "state_size": 4}),
    "rwkv": (
        "RwkvForCausalLM",
        {"hidden_size": 16, "attention_hidden_size": 16, "num_hidden_layers": 2, "context_length": CONTEXT},
    ),
    "xlnet": ("XLNetLMHeadModel", {"d_model": 16, "n_layer": 2, "n_head": 2, "d_inner": 32}),
}
