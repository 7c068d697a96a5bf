"""What PyTorch, transformers and peft need for the workloads of Benchmarks, fp32, as their users would write it.

    python peers.py WORKLOAD PEER [--threads N]

Prints what measuring.py says. Batched throughout; nothing is padded beyond what the library forces; no gradients where none are needed.
"""

import argparse
import random

import torch
import transformers
from transformers import LlamaConfig, LlamaForCausalLM

from measuring import measure, report


def model(shape):
    if shape == "tiny":
        config = LlamaConfig(
            vocab_size=64, hidden_size=128, intermediate_size=512, num_hidden_layers=4, num_attention_heads=4,
            num_key_value_heads=4, max_position_embeddings=256, tie_word_embeddings=True)
    else:
        config = LlamaConfig(
            vocab_size=49152, hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
            num_key_value_heads=3, max_position_embeddings=512, tie_word_embeddings=True)
    config._attn_implementation = "sdpa"
    torch.manual_seed(1)
    return LlamaForCausalLM(config).to(torch.float32)


def train(shape, sequences, length, repeats, adapted=False):
    m = model(shape)
    if adapted:
        import peft
        m = peft.get_peft_model(m, peft.LoraConfig(
            r=8, lora_alpha=16, lora_dropout=0.0, target_modules=["q_proj", "k_proj", "v_proj", "o_proj"]))
    m.train()
    optimizer = torch.optim.AdamW([p for p in m.parameters() if p.requires_grad], lr=1e-4, weight_decay=0.1, fused=True)
    tokens = torch.randint(2, m.config.vocab_size, (sequences, length + 1))

    def step():
        optimizer.zero_grad(set_to_none=True)
        logits = m(tokens[:, :-1], use_cache=False).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(m.parameters(), 1.0)
        optimizer.step()

    step()
    measure(sequences * length, repeats, step)


def generate(shape, lengths, samples, repeats):
    """Samples end where `lengths` says, as answers end unevenly: by forcing the end token there."""
    m = model(shape).eval()
    prompts = torch.randint(2, m.config.vocab_size, (len(lengths) // samples, 64))
    longest = max(lengths)

    class Ends(transformers.LogitsProcessor):
        def __call__(self, ids, scores):
            done = ids.shape[1] - 64
            for row, length in enumerate(lengths):
                if done >= length - 1:
                    scores[row, :] = -float("inf")
                    scores[row, 1] = 0
                else:
                    scores[row, 1] = -float("inf")
            return scores

    uneven = min(lengths) != longest

    @torch.inference_mode()
    def step():
        m.generate(
            prompts, attention_mask=torch.ones_like(prompts), do_sample=True, temperature=1.0, top_k=0, top_p=1.0,
            num_return_sequences=samples, max_new_tokens=longest, min_new_tokens=None if uneven else longest,
            eos_token_id=1, pad_token_id=0,
            logits_processor=transformers.LogitsProcessorList([Ends()] if uneven else []))

    if shape == "tiny":
        step()
    measure(sum(lengths), repeats, step)


def loop(shape, batch, repeats):
    """A decode loop by hand over transformers' model: no generation machinery, a static batch, its cache."""
    m = model(shape).eval()
    prompts = torch.randint(2, m.config.vocab_size, (batch, 64))

    @torch.inference_mode()
    def step():
        out = m(prompts, use_cache=True, logits_to_keep=1)
        for _ in range(127):
            probabilities = torch.softmax(out.logits[:, -1], -1)
            token = torch.multinomial(probabilities, 1)
            out = m(token, past_key_values=out.past_key_values, use_cache=True)
        torch.multinomial(torch.softmax(out.logits[:, -1], -1), 1)

    step()
    measure(batch * 128, repeats, step)


def iteration(repeats):
    """STaSC once round, plainly: 500 questions, 5 answers each, 5 corrections of each, grade, keep, fine-tune, evaluate on 500."""
    alphabet = "0123456789+=?^$"
    index = {c: i for i, c in enumerate(alphabet)}
    pad, end = len(alphabet), index["$"]
    config = LlamaConfig(
        vocab_size=len(alphabet) + 1, hidden_size=128, intermediate_size=512, num_hidden_layers=4,
        num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=64, tie_word_embeddings=True)
    config._attn_implementation = "sdpa"
    torch.manual_seed(1)
    m = LlamaForCausalLM(config).to(torch.float32)
    rng = random.Random(1)

    def question():
        return rng.randrange(1000), rng.randrange(1000)

    def prompt(q):
        return f"^{q[0]}+{q[1]}="

    def batch(texts, left):
        longest = max(map(len, texts))
        rows, mask = [], []
        for text in texts:
            gap = longest - len(text)
            ids = [index[c] for c in text]
            rows.append([pad] * gap + ids if left else ids + [pad] * gap)
            mask.append([0] * gap + [1] * len(ids) if left else [1] * len(ids) + [0] * gap)
        return torch.tensor(rows), torch.tensor(mask)

    def fit(model_, pairs, rate):
        """Cross-entropy of what follows each prompt, in batches of 64."""
        optimizer = torch.optim.AdamW(model_.parameters(), lr=rate, weight_decay=0.1, fused=True)
        model_.train()
        for first in range(0, len(pairs), 64):
            part = pairs[first:first + 64]
            ids, mask = batch([a + b for a, b in part], left=False)
            labels = ids.clone()
            for row, (a, _) in enumerate(part):
                labels[row, : len(a)] = -100
            labels[mask == 0] = -100
            optimizer.zero_grad(set_to_none=True)
            logits = model_(ids, attention_mask=mask, use_cache=False).logits
            loss = torch.nn.functional.cross_entropy(
                logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=-100)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model_.parameters(), 1.0)
            optimizer.step()
        model_.eval()

    # The form of a conversation, as our side's 150 steps teach it.
    pairs = []
    for _ in range(150 * 64):
        q = question()
        right = str(q[0] + q[1])
        wrong = "".join(rng.choice("0123456789") if rng.random() < 0.3 else c for c in right)
        first = rng.choice([right, wrong])
        pairs.append((prompt(q), f"{first}$?{rng.choice([right, wrong])}$"))
    fit(m, pairs, 1e-3)

    @torch.inference_mode()
    def sample(model_, prompts, samples):
        answers = []
        # 512 at a time, sorted by length: larger batches are slower, and padding is least.
        order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
        found = {}
        size = max(1, 512 // samples)
        for first in range(0, len(order), size):
            part = order[first:first + size]
            ids, mask = batch([prompts[i] for i in part], left=True)
            out = model_.generate(
                ids, attention_mask=mask, do_sample=True, temperature=1.0, top_k=0, top_p=1.0, max_new_tokens=8,
                num_return_sequences=samples, eos_token_id=end, pad_token_id=pad)
            for row, tokens in enumerate(out[:, ids.shape[1]:].tolist()):
                text = "".join(alphabet[t] if t < len(alphabet) else "" for t in tokens)
                found.setdefault(part[row // samples], []).append(text.split("$")[0])
        for i in range(len(prompts)):
            answers.append(found[i])
        return answers

    train_set = [question() for _ in range(500)]
    test_set = [question() for _ in range(500)]
    state = {k: v.clone() for k, v in m.state_dict().items()}

    def once():
        m.load_state_dict(state)
        first = sample(m, [prompt(q) for q in train_set], 5)
        rows = [(q, a) for q, answers in zip(train_set, first) for a in answers]
        second = sample(m, [f"{prompt(q)}{a}$?" for q, a in rows], 5)
        kept = []
        for (q, a), corrections in zip(rows, second):
            gold = str(q[0] + q[1])
            for b in corrections:
                if (b == gold) >= (a == gold):
                    kept.append((f"{prompt(q)}{a}$?", b + "$"))
        # As many as a trained model's filter keeps of 12,500: which ones costs nothing.
        kept = (kept * 2000)[:2000]
        rng.shuffle(kept)
        fit(m, kept, 1e-3)
        answers = sample(m, [prompt(q) for q in test_set], 1)
        corrections = sample(m, [f"{prompt(q)}{a[0]}$?" for q, a in zip(test_set, answers)], 1)
        sum(c[0] == str(q[0] + q[1]) for q, c in zip(test_set, corrections))

    measure(500, repeats, once)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("workload")
    parser.add_argument("peer")
    parser.add_argument("--threads", type=int, default=2)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    transformers.logging.set_verbosity_error()
    shape = "135m" if "135m" in a.workload else "tiny"
    tail = a.workload.rsplit("-", 1)[-1]
    if a.workload == "train-tiny":
        train("tiny", 64, 64, 20)
    elif a.workload == "train-135m":
        train("135m", 4, 256, 2)
    elif a.workload == "adapt-135m":
        train("135m", 4, 256, 2, adapted=True)
    elif a.workload in ("samples-135m", "samples-135m-bfloat16"):
        generate("135m", [16 + 16 * (i % 8) for i in range(32)], 8, 1)
    elif a.workload == "iteration-tiny":
        iteration(1)
    elif a.peer == "loop":
        loop(shape, int(tail), 3)
    else:
        generate(shape, [128] * int(tail), 1, 3 if shape == "tiny" else 1)


main()
