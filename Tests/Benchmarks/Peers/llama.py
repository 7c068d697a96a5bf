"""llama.cpp on a random model of SmolLM2-135M's shape with weights in F16: `xllamacpp` runs it, `gguf` writes the model.

Greedy, so that the server's sampler, which sorts the vocabulary, is not what is measured. Decoding: from each request's own timings, all requests under way together. Prompt reading: one prompt of 512 tokens.
"""

import concurrent.futures
import os
import random
import tempfile

import gguf
import numpy
import xllamacpp

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


def server(batch, threads):
    params = xllamacpp.CommonParams()
    params.model.path = file()
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.n_parallel = batch
    params.n_ctx = max(1024, batch * 256)
    params.n_batch = 2048
    params.n_ubatch = 512
    params.warmup = True
    return xllamacpp.Server(params)


def complete(server, prompt, new):
    return server.handle_completions({
        "prompt": prompt, "n_predict": new, "ignore_eos": True, "temperature": 0.0, "top_k": 1,
        "samplers": ["top_k"], "cache_prompt": False})["timings"]


def prompt(rng, count):
    return [rng.randrange(100, VOCABULARY) for _ in range(count)]


def decode(batch, threads, repeats):
    """Seconds in which each of `batch` conversations says 127 tokens more after its first."""
    s, rng, seconds = server(batch, threads), random.Random(1), []
    with concurrent.futures.ThreadPoolExecutor(batch) as pool:
        for _ in range(repeats):
            prompts = [prompt(rng, 64) for _ in range(batch)]
            timings = list(pool.map(lambda p: complete(s, p, 128), prompts))
            assert all(t["predicted_n"] == 128 for t in timings), timings
            seconds.append(max(t["predicted_ms"] for t in timings) / 1000)
    return seconds


def read(threads, repeats):
    """Seconds for a prompt of 512 tokens."""
    s, rng = server(1, threads), random.Random(1)
    timings = [complete(s, prompt(rng, 512), 1) for _ in range(repeats)]
    assert all(t["prompt_n"] == 512 for t in timings), timings
    return [t["prompt_ms"] / 1000 for t in timings]
