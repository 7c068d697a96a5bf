"""Makes Fixtures/Families: a tiny random model of every family as a Hugging Face folder, and beside it what transformers computes with it.

    python3 make_family_fixtures.py [NAME…]        (needs torch, transformers, tokenizers, safetensors, peft; versions in each JSON file)

NAME/ is what `save_pretrained` writes, with a tokenizer of single characters and a ChatML template. NAME.json holds

  tokens, logits      a text of 40 tokens, longer than every window here, and the logits after some of its tokens
  prompt, greedy      64 tokens, each the likeliest after all before it; no token is within 0.002 of the likeliest
  batch               sequences with a weight for each token: 1 where it is to be predicted, 0 where it is context
  loss, gradients     mean cross-entropy over the labels of all sequences; of each tensor the norm and some entries of its gradient
  full, lora          losses before each of ten AdamW updates on this batch, of all weights and of adapters (peft) alone

Attention is `eager`: other implementations ignore soft caps. AdamW is torch's (decoupled decay, bias correction) at a constant rate; the
gradient is clipped to a norm of 1 first; matrices are decayed, adapters among them, norms and biases are not.
"""

import json
import pathlib
import shutil
import sys

import peft
import tokenizers
import torch
import transformers
from transformers import (
    AutoModelForCausalLM, Gemma2Config, Gemma3TextConfig, LlamaConfig, Phi3Config, Qwen2Config, Qwen3Config)

ROOT = pathlib.Path(__file__).parent / "Fixtures" / "Families"
SIZES = dict(
    vocab_size=64, hidden_size=24, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=128, pad_token_id=None, bos_token_id=0, eos_token_id=2)
# With 32 tokens and a base of 60, one pair of a head is not stretched, one is blended and one is stretched.
LLAMA3 = dict(
    rope_type="llama3", rope_theta=60.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
    original_max_position_embeddings=32)
LONG = dict(
    rope_type="longrope", rope_theta=10000.0, short_factor=[1.0, 1.25], long_factor=[1.5, 4.0],
    original_max_position_embeddings=128, partial_rotary_factor=0.75)
GEMMA3_ROPE = dict(
    sliding_attention=dict(rope_type="default", rope_theta=100.0),
    full_attention=dict(rope_type="linear", factor=4.0, rope_theta=1000000.0))

MODELS = {
    "llama2": LlamaConfig(**{**SIZES, "num_key_value_heads": 4}, tie_word_embeddings=False, rms_norm_eps=1e-5),
    "llama3": LlamaConfig(**SIZES, tie_word_embeddings=False, rope_parameters=LLAMA3),
    "smollm2": LlamaConfig(
        **{**SIZES, "num_hidden_layers": 3, "num_attention_heads": 6, "intermediate_size": 28},
        tie_word_embeddings=True, rope_parameters=dict(rope_type="default", rope_theta=100000.0)),
    "qwen2": Qwen2Config(
        **SIZES, tie_word_embeddings=True, rope_parameters=dict(rope_type="default", rope_theta=1000000.0)),
    "qwen3": Qwen3Config(
        **SIZES, head_dim=10, tie_word_embeddings=True, rope_parameters=dict(rope_type="default", rope_theta=1000000.0)),
    "phi3": Phi3Config(**SIZES, tie_word_embeddings=False, sliding_window=11),
    "phi4": Phi3Config(
        **{**SIZES, "max_position_embeddings": 512}, tie_word_embeddings=True, original_max_position_embeddings=128,
        rope_parameters=LONG),
    "gemma2": Gemma2Config(
        **SIZES, head_dim=12, query_pre_attn_scalar=10, sliding_window=9, attn_logit_softcapping=3.0,
        final_logit_softcapping=3.0),
    "gemma3": Gemma3TextConfig(
        **SIZES, head_dim=12, query_pre_attn_scalar=10, sliding_window=9,
        layer_types=["sliding_attention", "full_attention"], rope_parameters=GEMMA3_ROPE),
}

# Each must matter: without it the logits differ by more than this.
FEATURES = {
    "phi3": [dict(sliding_window=None)],
    "gemma2": [dict(sliding_window=1000), dict(attn_logit_softcapping=None), dict(final_logit_softcapping=None)],
    "gemma3": [dict(sliding_window=1000)],
}
MATTERS = 0.05

CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyz \n?.,:;=+-*/()!'QASTWIYNC"
CHATML = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")
POSITIONS = [0, 7, 22, 39]
OPTIMIZER = dict(learningRate=2e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, weightDecay=0.1, clip=1.0, updates=10)
LORA = dict(rank=4, alpha=8.0, learningRate=1e-2)


def rounded(numbers):
    return [float(f"{x:.8g}") for x in numbers]


def write_tokenizer(folder):
    """A byte-level BPE without merges: every character of CHARACTERS is a token."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    letters = [{" ": "Ġ", "\n": "Ċ"}.get(c, c) for c in CHARACTERS]
    names = special + letters
    assert len(names) == len(set(names)) == SIZES["vocab_size"], len(names)
    tokenizer = Tokenizer(models.BPE({name: i for i, name in enumerate(names)}, []))
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in special])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    (folder / "tokenizer_config.json").write_text(json.dumps(dict(
        tokenizer_class="PreTrainedTokenizerFast", bos_token="<|endoftext|>", eos_token="<|im_end|>",
        clean_up_tokenization_spaces=False, model_max_length=128, chat_template=CHATML), indent=1) + "\n")


def load(folder, **changes):
    return AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", **changes).eval()


def logits(model, tokens):
    with torch.no_grad():
        return model(torch.tensor([tokens]), use_cache=False).logits[0]


def mean_loss(model, batch):
    total, count = 0, 0
    for sequence in batch:
        tokens = torch.tensor(sequence["tokens"])
        weights = torch.tensor(sequence["weights"], dtype=torch.float32)[1:]
        out = model(tokens[None], use_cache=False).logits[0, :-1]
        losses = torch.nn.functional.cross_entropy(out, tokens[1:], reduction="none")
        total = total + (losses * weights).sum()
        count += int((weights != 0).sum())
    return total / count


def train(model, batch, rate):
    o = OPTIMIZER
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [dict(params=[p for p in parameters if p.ndim == 2], weight_decay=o["weightDecay"]),
         dict(params=[p for p in parameters if p.ndim == 1], weight_decay=0.0)],
        lr=rate, betas=(o["beta1"], o["beta2"]), eps=o["epsilon"])
    losses = []
    for _ in range(o["updates"]):
        optimizer.zero_grad()
        loss = mean_loss(model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, o["clip"])
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.95 * losses[0], f"nothing is learnt: {losses}"
    return rounded(losses)


def redraw(model, gemma):
    with torch.no_grad():
        for key, p in model.named_parameters():
            if p.ndim == 1:
                centre = (1.0 if key.startswith("model.norm") else 0.3) if gemma else 0.0 if key.endswith("bias") else 1.0
                p.copy_(torch.randn(p.shape) * (0.4 if "q_norm" in key or "k_norm" in key or "bias" in key else 0.15) + centre)
            elif "embed" in key or "lm_head" in key:
                # Gemma multiplies embeddings on entry: smaller ones keep it from saying one token for ever.
                p.copy_(torch.randn(p.shape) * (0.15 if gemma else 0.5))
            else:
                p.copy_(torch.randn(p.shape) * (1.6 / p.shape[1] ** 0.5))


def gradients(model, batch):
    model.zero_grad()
    loss = mean_loss(model, batch)
    loss.backward()
    facts = []
    for key, p in model.named_parameters():
        if key == "lm_head.weight" and model.config.tie_word_embeddings:
            continue
        flat = p.grad.flatten()
        at = sorted({0, flat.numel() // 3, flat.numel() // 2 + 1, flat.numel() - 1, int(flat.abs().argmax())})
        facts.append(dict(tensor=key, norm=float(f"{p.grad.double().norm().item():.8g}"), at=at, values=rounded(flat[at].tolist())))
    return float(f"{loss.item():.8g}"), facts


def lora(folder, batch):
    torch.manual_seed(5)
    model = load(folder)
    attention = ["q_proj", "k_proj", "v_proj", "o_proj"]
    targets = {
        # peft gives Phi's fused matrices one A for all parts, the engine one for each: they differ, so only the others are adapted here.
        "phi3": ["o_proj", "down_proj"],
        "qwen3": attention + ["gate_proj", "up_proj", "down_proj"],
    }.get(model.config.model_type, attention)
    adapted = peft.get_peft_model(model, peft.LoraConfig(
        r=LORA["rank"], lora_alpha=LORA["alpha"], lora_dropout=0.0, target_modules=targets, bias="none"))
    initial = []
    for key, p in adapted.named_parameters():
        if "lora_A" in key:
            name = key.removeprefix("base_model.model.").removesuffix(".lora_A.default.weight")
            initial.append(dict(tensor=name, shape=list(p.shape), values=rounded(p.flatten().tolist())))
            with torch.no_grad():
                p.copy_(torch.tensor(initial[-1]["values"]).reshape(p.shape))
    loss = mean_loss(adapted, batch)
    loss.backward()
    slopes = [dict(tensor=key.removeprefix("base_model.model.").removesuffix(".lora_B.default.weight"),
                   norm=float(f"{p.grad.double().norm().item():.8g}")) for key, p in adapted.named_parameters() if "lora_B" in key]
    losses = train(adapted, batch, LORA["learningRate"])
    return dict(**LORA, targets=targets, initial=initial, gradientNormsOfB=slopes, losses=losses)


def make(name, config):
    torch.manual_seed(sum(name.encode()))
    folder = ROOT / name
    shutil.rmtree(folder, ignore_errors=True)
    model = AutoModelForCausalLM.from_config(config)
    redraw(model, name.startswith("gemma"))
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    write_tokenizer(folder)
    model = load(folder)
    tokens = torch.randint(3, SIZES["vocab_size"], (40,)).tolist()
    out = logits(model, tokens)
    for change in FEATURES.get(name, []):
        difference = (logits(load(folder, **change), tokens) - out)[-1].abs().max().item()
        assert difference > MATTERS, f"{name}: {change} changes the logits by {difference} only"
    best = None
    for attempt in range(50):
        prompt = torch.randint(3, SIZES["vocab_size"], (9,)).tolist()
        text, margin = list(prompt), 9.0
        for _ in range(64):
            two = logits(model, text)[-1].topk(2)
            margin = min(margin, (two.values[0] - two.values[1]).item())
            text.append(int(two.indices[0]))
        found = (min(margin, 0.01), len(set(text[9:])), prompt, text[9:])
        best = max(best or found, found)
    margin, kinds, prompt, greedy = best
    assert margin > 0.002 and kinds > 8, f"{name}: {margin} {kinds}"
    batch = []
    for length, first in ((40, 12), (23, 5), (9, 1)):
        sequence = torch.randint(3, SIZES["vocab_size"], (length,)).tolist()
        batch.append(dict(tokens=sequence, weights=[float(i >= first and i % 5 != 2) for i in range(length)]))
    loss, slopes = gradients(model, batch)
    facts = dict(
        versions=dict(torch=torch.__version__, transformers=transformers.__version__, peft=peft.__version__),
        tokens=tokens, positions=POSITIONS, logits=[rounded(out[p].tolist()) for p in POSITIONS],
        prompt=prompt, greedy=greedy, batch=batch, optimizer=OPTIMIZER, loss=loss, gradients=slopes,
        full=train(load(folder), batch, OPTIMIZER["learningRate"]), lora=lora(folder, batch))
    (ROOT / f"{name}.json").write_text(json.dumps(facts).replace('}, {', '},\n{') + "\n")
    size = sum(f.stat().st_size for f in folder.iterdir())
    print(f"{name}: {size} bytes, logits ±{out.std().item():.2f}, margin {margin:.4f}, {kinds} tokens, loss {facts['full'][0]:.4f} → {facts['full'][-1]:.4f}, adapters → {facts['lora']['losses'][-1]:.4f}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    ROOT.mkdir(parents=True, exist_ok=True)
    for name, config in MODELS.items():
        if len(sys.argv) < 2 or name in sys.argv[1:]:
            make(name, config)
