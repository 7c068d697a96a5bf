"""llama.cpp on a random model of SmolLM2-135M's shape with weights in F16: `llama_cpp` runs it, `gguf` writes the model.

`llama_cpp` is llama-cpp-python, compiled for the machine it runs on; wheels made for any machine can be several times slower:

    CMAKE_ARGS="-DGGML_NATIVE=ON -DLLAVA_BUILD=OFF" pip install --no-binary llama-cpp-python llama-cpp-python gguf

The functions of llama.h are called directly, without its sampler or a server. Decoding: 127 calls of llama_decode, each with one token of every
conversation, whose logits it computes; the most likely token is next, found with numpy. Prompt reading: one call with 512 tokens, the
last one's logits.

    python llama.py WORKLOAD [--threads N]

Prints what measuring.py says.
"""

import argparse
import os
import random
import tempfile
import time

import gguf
import llama_cpp
import numpy

from measuring import report

VOCABULARY, WIDTH, LAYERS, HEADS, SHARED, INNER, CONTEXT = 49152, 576, 30, 9, 3, 1536, 1024


def file():
    """The model's path; written once for each machine."""
    path = os.path.join(tempfile.gettempdir(), "emend-bench-135m-f16.gguf")
    if os.path.exists(path):
        return path
    rng = numpy.random.default_rng(1)
    writer = gguf.GGUFWriter(path + ".new", "llama")
    writer.add_block_count(LAYERS)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(SHARED)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(1e5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(VOCABULARY)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    # Single printable characters first, so that texts can be split at all.
    tokens = [chr(33 + i) for i in range(90)] + [f"w{i}" for i in range(VOCABULARY - 90)]
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.NORMAL] * VOCABULARY)
    writer.add_token_merges(["w 1", "w 2"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)

    def matrix(name, *shape):
        writer.add_tensor(name, (0.02 * rng.standard_normal(shape)).astype(numpy.float16))

    def norm(name):
        writer.add_tensor(name, numpy.ones(WIDTH, numpy.float32))

    matrix("token_embd.weight", VOCABULARY, WIDTH)
    norm("output_norm.weight")
    key = WIDTH // HEADS * SHARED
    for layer in range(LAYERS):
        at = f"blk.{layer}."
        norm(at + "attn_norm.weight")
        norm(at + "ffn_norm.weight")
        matrix(at + "attn_q.weight", WIDTH, WIDTH)
        matrix(at + "attn_k.weight", key, WIDTH)
        matrix(at + "attn_v.weight", key, WIDTH)
        matrix(at + "attn_output.weight", WIDTH, WIDTH)
        matrix(at + "ffn_gate.weight", INNER, WIDTH)
        matrix(at + "ffn_up.weight", INNER, WIDTH)
        matrix(at + "ffn_down.weight", WIDTH, INNER)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    os.rename(path + ".new", path)
    return path


class Context:
    """A model that `slots` conversations of up to `length` tokens share."""

    def __init__(self, slots, length, threads):
        llama_cpp.llama_backend_init()
        model = llama_cpp.llama_model_load_from_file(file().encode(), llama_cpp.llama_model_default_params())
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = slots * length
        params.n_seq_max = slots
        params.n_batch = 2048
        params.n_ubatch = 512
        params.n_threads = params.n_threads_batch = threads
        params.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
        self.context = llama_cpp.llama_init_from_model(model, params)
        assert self.context, "llama.cpp makes no context"
        self.batch = llama_cpp.llama_batch_init(params.n_batch, 0, 1)

    def clear(self):
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self.context), False)

    def advance(self, entries):
        """Feeds (token, position, slot, whether its logits are wanted); the wanted logits, a row for each."""
        batch = self.batch
        batch.n_tokens = len(entries)
        for i, (token, position, slot, wanted) in enumerate(entries):
            batch.token[i] = token
            batch.pos[i] = position
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = slot
            batch.logits[i] = wanted
        status = llama_cpp.llama_decode(self.context, batch)
        assert status == 0, f"llama_decode: {status}"
        llama_cpp.llama_synchronize(self.context)
        rows = sum(wanted for *_, wanted in entries)
        return numpy.ctypeslib.as_array(llama_cpp.llama_get_logits(self.context), (rows, VOCABULARY))

    def read(self, tokens, slot):
        """The most likely token after a prompt."""
        last = len(tokens) - 1
        return self.advance([(t, i, slot, i == last) for i, t in enumerate(tokens)])[0].argmax()


def prompt(rng, count):
    return [rng.randrange(100, VOCABULARY) for _ in range(count)]


def decode(batch, threads, repeats):
    """Seconds in which each of `batch` conversations says 127 tokens more after its first."""
    context, rng, seconds = Context(batch, 256, threads), random.Random(1), []
    for _ in range(repeats):
        context.clear()
        tokens = [context.read(prompt(rng, 64), slot) for slot in range(batch)]
        start = time.perf_counter()
        for position in range(64, 64 + 127):
            logits = context.advance([(t, position, slot, True) for slot, t in enumerate(tokens)])
            tokens = logits.argmax(axis=1)
        seconds.append(time.perf_counter() - start)
    return seconds


def read(threads, repeats):
    """Seconds for a prompt of 512 tokens; one was read before."""
    context, rng, seconds = Context(1, 512, threads), random.Random(1), []
    for _ in range(1 + repeats):
        context.clear()
        tokens = prompt(rng, 512)
        start = time.perf_counter()
        context.read(tokens, 0)
        seconds.append(time.perf_counter() - start)
    return seconds[1:]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("workload")
    parser.add_argument("--threads", type=int, default=2)
    a = parser.parse_args()
    if a.workload == "read-135m":
        report(512, lambda: read(a.threads, 5))
    else:
        batch = int(a.workload.rsplit("-", 1)[-1])
        report(batch * 127, lambda: decode(batch, a.threads, 2))


main()
