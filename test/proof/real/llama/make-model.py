"""Writes a tiny language model with random weights: a real file for a real llama-server, which answers with noise.

Usage: make-model.py FILE. Needs numpy and gguf (Debian: python3-gguf). The same file each time.
"""

import sys

import gguf
import numpy as np

WIDTH, LAYERS, HEADS, FEED_FORWARD, CONTEXT = 64, 2, 4, 128, 8192
SPECIAL = ["<s>", "</s>"]


def byte_characters() -> list[str]:
    """The characters by which byte-level BPE (GPT-2) writes the bytes 0 to 125."""
    printable = set(range(33, 127))
    shifted = iter(range(256, 512))
    return [chr(byte) if byte in printable else chr(next(shifted)) for byte in range(126)]


tokens = SPECIAL + byte_characters()
chance = np.random.default_rng(7)


def weights(*shape: int) -> np.ndarray:
    return chance.normal(0, 0.05, shape).astype(np.float32)


writer = gguf.GGUFWriter(sys.argv[1], "llama")
writer.add_name("tiny-random")
writer.add_context_length(CONTEXT)
writer.add_embedding_length(WIDTH)
writer.add_block_count(LAYERS)
writer.add_feed_forward_length(FEED_FORWARD)
writer.add_head_count(HEADS)
writer.add_head_count_kv(HEADS)
writer.add_rope_dimension_count(WIDTH // HEADS)
writer.add_layer_norm_rms_eps(1e-5)
writer.add_vocab_size(len(tokens))
writer.add_file_type(gguf.LlamaFileType.ALL_F32)
writer.add_tokenizer_model("gpt2")
writer.add_tokenizer_pre("gpt-2")
writer.add_token_list(tokens)
writer.add_token_types([gguf.TokenType.CONTROL] * len(SPECIAL) + [gguf.TokenType.NORMAL] * (len(tokens) - len(SPECIAL)))
writer.add_token_merges(["a b"])
writer.add_bos_token_id(0)
writer.add_eos_token_id(1)
writer.add_chat_template("{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant: ")

writer.add_tensor("token_embd.weight", weights(len(tokens), WIDTH))
writer.add_tensor("output_norm.weight", np.ones(WIDTH, dtype=np.float32))
writer.add_tensor("output.weight", weights(len(tokens), WIDTH))
for layer in range(LAYERS):
    name = f"blk.{layer}"
    writer.add_tensor(f"{name}.attn_norm.weight", np.ones(WIDTH, dtype=np.float32))
    writer.add_tensor(f"{name}.ffn_norm.weight", np.ones(WIDTH, dtype=np.float32))
    for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
        writer.add_tensor(f"{name}.{part}.weight", weights(WIDTH, WIDTH))
    writer.add_tensor(f"{name}.ffn_gate.weight", weights(FEED_FORWARD, WIDTH))
    writer.add_tensor(f"{name}.ffn_up.weight", weights(FEED_FORWARD, WIDTH))
    writer.add_tensor(f"{name}.ffn_down.weight", weights(WIDTH, FEED_FORWARD))

writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
