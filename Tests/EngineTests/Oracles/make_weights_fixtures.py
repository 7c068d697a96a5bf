"""Makes Fixtures/Weights: tiny random models of every family as folders and as GGUF files, and one GGUF file of every number format.

    python3 make_weights_fixtures.py        (needs torch, transformers, safetensors, gguf; versions in facts.json)

Each model is made by transformers from a configuration, all its weights redrawn, and saved by transformers. facts.json holds, for
each canonical parameter, its shape and the checksum of its single-precision bytes as this script fuses them, and the logits of a few
tokens. GGUF files are written with gguf's writer under its own tensor names, in the form llama.cpp gives each family: rows
of queries and keys in adjacent pairs for llama, norms with the 1 added for gemma.
"""

import json
import pathlib
import shutil

import gguf
import numpy
import safetensors
import torch
import transformers
from transformers import (
    Gemma2Config, Gemma3TextConfig, LlamaConfig, Phi3Config, Qwen2Config, Qwen3Config, AutoModelForCausalLM)

ROOT = pathlib.Path(__file__).parent / "Fixtures" / "Weights"
SIZES = dict(
    vocab_size=40, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=64, pad_token_id=0, bos_token_id=1, eos_token_id=2)
LLAMA3 = dict(
    rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
    original_max_position_embeddings=32)
GEMMA3_ROPE = dict(
    sliding_attention=dict(rope_type="default", rope_theta=10000.0),
    full_attention=dict(rope_type="linear", factor=8.0, rope_theta=1000000.0))
LONG = dict(
    rope_type="longrope", rope_theta=10000.0, short_factor=[1.0, 1.25], long_factor=[1.5, 4.0],
    original_max_position_embeddings=32)

# name: (architecture in GGUF, configuration, dtype of the safetensors, size of a shard)
MODELS = {
    "llama": ("llama", LlamaConfig(**SIZES, tie_word_embeddings=False), torch.float32, None),
    "llama3": ("llama", LlamaConfig(**SIZES, tie_word_embeddings=True, head_dim=8, rope_parameters=LLAMA3), torch.bfloat16, None),
    "qwen2": ("qwen2", Qwen2Config(**SIZES, tie_word_embeddings=False), torch.float16, "3KB"),
    "qwen3": ("qwen3", Qwen3Config(**SIZES, tie_word_embeddings=True, head_dim=8), torch.float32, None),
    "phi3": ("phi3", Phi3Config(**SIZES, tie_word_embeddings=False, sliding_window=20), torch.float32, None),
    "phi3-long": ("phi3", Phi3Config(
        **SIZES, tie_word_embeddings=False, original_max_position_embeddings=32, rope_parameters=LONG), torch.float32, None),
    "gemma2": ("gemma2", Gemma2Config(
        **SIZES, head_dim=8, query_pre_attn_scalar=12, sliding_window=5, attn_logit_softcapping=3.0,
        final_logit_softcapping=2.0), torch.bfloat16, None),
    "gemma3": ("gemma3", Gemma3TextConfig(
        **{**SIZES, "num_hidden_layers": 3}, head_dim=8, query_pre_attn_scalar=12, sliding_window=5,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"], rope_parameters=GEMMA3_ROPE),
        torch.float32, None),
}


def checksum(array):
    """FNV-1a, 64 bits, of the little-endian single-precision bytes."""
    value = 0xCBF29CE484222325
    for byte in numpy.ascontiguousarray(array, dtype="<f4").tobytes():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def canonical(state, config):
    """Canonical parameters in order, from Hugging Face names."""
    result = [("embedding", state["model.embed_tokens.weight"])]
    for layer in range(config.num_hidden_layers):
        take = lambda name: state.get(f"model.layers.{layer}.{name}")
        add = lambda name, array: result.append((f"layers.{layer}.{name}", array)) if array is not None else None
        gemma = take("pre_feedforward_layernorm.weight") is not None
        add("attention_norm", take("input_layernorm.weight"))
        parts = [take(f"self_attn.{x}_proj.weight") for x in "qkv"]
        add("projection", take("self_attn.qkv_proj.weight") if parts[0] is None else numpy.concatenate(parts))
        if take("self_attn.q_proj.bias") is not None:
            add("projection_bias", numpy.concatenate([take(f"self_attn.{x}_proj.bias") for x in "qkv"]))
        add("query_norm", take("self_attn.q_norm.weight"))
        add("key_norm", take("self_attn.k_norm.weight"))
        add("attention_output", take("self_attn.o_proj.weight"))
        if gemma:
            add("attention_post_norm", take("post_attention_layernorm.weight"))
        add("feed_forward_norm", take("pre_feedforward_layernorm.weight" if gemma else "post_attention_layernorm.weight"))
        fused = take("mlp.gate_up_proj.weight")
        add("gate_and_up", numpy.concatenate([take("mlp.gate_proj.weight"), take("mlp.up_proj.weight")]) if fused is None else fused)
        add("down", take("mlp.down_proj.weight"))
        add("feed_forward_post_norm", take("post_feedforward_layernorm.weight"))
    result.append(("final_norm", state["model.norm.weight"]))
    if not config.tie_word_embeddings:
        result.append(("output", state["lm_head.weight"]))
    return result


def parameter_facts(parameters):
    return [dict(name=name, shape=[1] * (2 - array.ndim) + list(array.shape), checksum=checksum(array))
            for name, array in parameters]


def paired(array, heads):
    """Rows of queries or keys as llama.cpp stores them: number 2i of a head is number i, 2i + 1 is i + D/2."""
    half = array.shape[0] // heads // 2
    return array.reshape(heads, 2, half, -1).swapaxes(1, 2).reshape(array.shape)


def write_gguf(path, name, architecture, config, state):
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name(name)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    rope = config.rope_parameters
    if architecture == "gemma3":
        writer.add_rope_freq_base(rope["full_attention"]["rope_theta"])
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(rope["full_attention"]["factor"])
    elif architecture != "gemma2":
        writer.add_rope_freq_base(rope["rope_theta"])
    if architecture in ("qwen3", "gemma2", "gemma3") or name == "llama3":
        writer.add_key_length(width)
        writer.add_value_length(width)
    if architecture in ("llama", "phi3"):
        writer.add_rope_dimension_count(width)
    if architecture == "llama":
        writer.add_vocab_size(config.vocab_size)
    if architecture in ("gemma2", "gemma3") or name == "phi3":
        writer.add_sliding_window(config.sliding_window)
    if architecture == "gemma3":
        writer.add_sliding_window_pattern([kind == "sliding_attention" for kind in config.layer_types])
    if architecture == "gemma2":
        writer.add_attn_logit_softcapping(config.attn_logit_softcapping)
        writer.add_final_logit_softcapping(config.final_logit_softcapping)
    if name == "phi3-long":
        writer.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])
        scale = config.max_position_embeddings / rope["original_max_position_embeddings"]
        factor = (1 + numpy.log(scale) / numpy.log(rope["original_max_position_embeddings"])) ** 0.5
        writer.add_rope_scaling_attn_factors(factor)
        writer.add_tensor("rope_factors_long.weight", numpy.array(rope["long_factor"], dtype=numpy.float32))
        writer.add_tensor("rope_factors_short.weight", numpy.array(rope["short_factor"], dtype=numpy.float32))
    if name == "llama3":
        inverse = 1.0 / rope["rope_theta"] ** (numpy.arange(0, width, 2) / width)
        scaled, _ = transformers.modeling_rope_utils.ROPE_INIT_FUNCTIONS["llama3"](config, "cpu")
        writer.add_tensor("rope_freqs.weight", (inverse / scaled.numpy()).astype(numpy.float32))
    names = gguf.get_tensor_name_map(
        {a: m for m, a in gguf.MODEL_ARCH_NAMES.items()}[architecture], config.num_hidden_layers)
    for key, array in state.items():
        if "q_proj.weight" in key and architecture == "llama":
            array = paired(array, config.num_attention_heads)
        if "k_proj.weight" in key and architecture == "llama":
            array = paired(array, config.num_key_value_heads)
        if key.endswith("norm.weight") and architecture.startswith("gemma"):
            array = array + numpy.float32(1)
        if key == "lm_head.weight" and config.tie_word_embeddings:
            continue
        writer.add_tensor(names.get_name(key, try_suffixes=(".weight", ".bias")), array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def make_model(name, architecture, config, dtype, shard):
    torch.manual_seed(sum(name.encode()))
    config.dtype = dtype
    model = AutoModelForCausalLM.from_config(config).to(dtype)
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            spread = 0.1 if "norm" in key else 0.25
            parameter.copy_(torch.randn(parameter.shape) * spread + (1 if "norm" in key and "gemma" not in name else 0))
    folder = ROOT / name
    model.save_pretrained(folder, max_shard_size=shard or "1GB")
    (folder / "generation_config.json").unlink(missing_ok=True)
    state = {key: value.float().numpy() for key, value in model.state_dict().items()}
    write_gguf(ROOT / f"{name}.gguf", name, architecture, config, state)
    tokens = [1, 5, 9, 12, 30, 7, 22, 39, 3, 3, 17, 28]
    with torch.no_grad():
        # Loaded anew: a model turned to half precision keeps rotary frequencies rounded to it.
        logits = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()(torch.tensor([tokens])).logits[0]
    in_gguf = {key: value + numpy.float32(1) if key.endswith("norm.weight") and "gemma" in name else value
               for key, value in state.items()}
    return dict(
        name=name, parameters=parameter_facts(canonical(state, config)),
        parametersOfGGUF=parameter_facts(canonical(in_gguf, config)), tokens=tokens,
        logits=[float(f"{x:.7g}") for x in logits[[4, -1]].flatten().tolist()])


def make_formats():
    """Random blocks of every format; scales are drawn as finite numbers, everything else is any bytes."""
    random = numpy.random.default_rng(7)
    path = ROOT / "formats.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_custom_alignment(64)
    facts = []
    scales = {"Q8_0": [0], "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208]}
    for kind in ["F32", "F16", "BF16", *scales]:
        kind = gguf.GGMLQuantizationType[kind]
        block, size = gguf.GGML_QUANT_SIZES[kind]
        rows, columns = 3, 512
        if kind.name in scales:
            data = random.integers(0, 256, (rows * columns // block, size), dtype=numpy.uint8)
            for at in scales[kind.name]:
                drawn = (random.standard_normal(len(data)) * 10.0 ** random.integers(-7, 4, len(data))).astype("<f2")
                data[:, at:at + 2] = drawn.view(numpy.uint8).reshape(-1, 2)
            data = data.reshape(rows, -1)
        else:
            values = (random.standard_normal((rows, columns)) * 10.0 ** random.integers(-8, 4, (rows, columns))).astype("<f4")
            data = gguf.quants.quantize(values, kind)
        numbers = gguf.quants.dequantize(data, kind)
        raw = kind if kind.name not in ("F32", "F16") else None
        writer.add_tensor(kind.name, data, raw_dtype=raw)
        facts.append(dict(name=kind.name, shape=[rows, columns], checksum=checksum(numbers),
                          lastRow=checksum(numbers[2]), first=[float(x) for x in numbers[0, :3]]))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return facts


def rope_facts():
    """Frequencies and magnitude of real shapes, from transformers in single precision."""
    llama = LlamaConfig(head_dim=128, max_position_embeddings=131072, rope_parameters={
        **LLAMA3, "original_max_position_embeddings": 8192})
    phi = Phi3Config(
        hidden_size=3072, num_attention_heads=32, max_position_embeddings=131072, original_max_position_embeddings=4096,
        rope_parameters={**LONG, "original_max_position_embeddings": 4096, "short_factor": [1 + i / 50 for i in range(48)],
                         "long_factor": [1 + i for i in range(48)]})
    facts = []
    for name, config, kind in [("llama3", llama, "llama3"), ("longrope", phi, "longrope")]:
        function = transformers.modeling_rope_utils.ROPE_INIT_FUNCTIONS[kind]
        frequencies, magnitude = function(config, "cpu", seq_len=10)
        facts.append(dict(name=name, frequencies=frequencies.tolist(), magnitude=magnitude))
    return facts


shutil.rmtree(ROOT, ignore_errors=True)
ROOT.mkdir(parents=True)
facts = dict(
    versions=dict(torch=torch.__version__, transformers=transformers.__version__, safetensors=safetensors.__version__),
    models=[make_model(name, *rest) for name, rest in MODELS.items()], formats=make_formats(), ropes=rope_facts())
(ROOT / "facts.json").write_text(json.dumps(facts, indent=None).replace("}, ", "},\n") + "\n")
