"""Writes Fixtures/transformer-*.bin: small random transformers with their logits, gradients and ten AdamW losses, from PyTorch.

Written from the architecture's definition (RMSNorm, rotary embedding in halves, grouped-query attention, SiLU-gated MLP), independently of
Sources/Engine. Run with Python 3, torch 2.13 (CPU):  python make_transformer_fixtures.py

A file is a JSON header, a newline, then little-endian fp32 in the header's order.
"""

import json, math, pathlib, struct
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent / "Fixtures"
CONFIGURATIONS = {
    "grouped-biased": dict(vocabularySize=29, layers=2, width=40, heads=4, keyValueHeads=2, headWidth=10, feedForward=56, contextLength=32, ropeBase=10000.0, normEpsilon=1e-5, tiedEmbeddings=True, attentionBias=True, queryKeyNorm=False),
    "untied": dict(vocabularySize=37, layers=3, width=32, heads=4, keyValueHeads=4, headWidth=8, feedForward=48, contextLength=24, ropeBase=500000.0, normEpsilon=1e-6, tiedEmbeddings=False, attentionBias=False, queryKeyNorm=False),
    "normed": dict(vocabularySize=23, layers=2, width=24, heads=6, keyValueHeads=3, headWidth=12, feedForward=35, contextLength=40, ropeBase=10000.0, normEpsilon=1e-5, tiedEmbeddings=True, attentionBias=True, queryKeyNorm=True),
}


def tensors(c):
    C, D, P, A = c["width"], c["headWidth"], (c["heads"] + 2 * c["keyValueHeads"]) * c["headWidth"], c["heads"] * c["headWidth"]
    yield "embedding", (c["vocabularySize"], C), True
    for l in range(c["layers"]):
        n = f"layers.{l}."
        yield n + "attention_norm", (C,), False
        yield n + "projection", (P, C), True
        if c["attentionBias"]:
            yield n + "projection_bias", (P,), False
        if c["queryKeyNorm"]:
            yield n + "query_norm", (D,), False
            yield n + "key_norm", (D,), False
        yield n + "attention_output", (C, A), True
        yield n + "feed_forward_norm", (C,), False
        yield n + "gate_and_up", (2 * c["feedForward"], C), True
        yield n + "down", (C, c["feedForward"]), True
    yield "final_norm", (C,), False
    if not c["tiedEmbeddings"]:
        yield "output", (c["vocabularySize"], C), True


def norm(x, w, eps):
    return x / torch.sqrt(x.pow(2).mean(-1, keepdim=True) + eps) * w


def rotate(x, base):
    T, H, D = x.shape
    angle = torch.arange(T, dtype=torch.float64)[:, None] * base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    cos, sin = angle.cos()[:, None, :].to(x.dtype), angle.sin()[:, None, :].to(x.dtype)
    a, b = x[..., : D // 2], x[..., D // 2:]
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def logits(c, w, tokens):
    T, H, G, D = len(tokens), c["heads"], c["keyValueHeads"], c["headWidth"]
    x = w["embedding"][tokens]
    mask = torch.full((T, T), -math.inf, dtype=x.dtype).triu(1)
    for l in range(c["layers"]):
        n = f"layers.{l}."
        p = norm(x, w[n + "attention_norm"], c["normEpsilon"]) @ w[n + "projection"].T
        if c["attentionBias"]:
            p = p + w[n + "projection_bias"]
        q, k, v = p.split([H * D, G * D, G * D], -1)
        q, k, v = q.view(T, H, D), k.view(T, G, D), v.view(T, G, D)
        if c["queryKeyNorm"]:
            q, k = norm(q, w[n + "query_norm"], c["normEpsilon"]), norm(k, w[n + "key_norm"], c["normEpsilon"])
        q, k = rotate(q, c["ropeBase"]), rotate(k, c["ropeBase"])
        k, v = k.repeat_interleave(H // G, 1), v.repeat_interleave(H // G, 1)
        s = torch.einsum("ihd,jhd->hij", q, k) / math.sqrt(D) + mask
        o = torch.einsum("hij,jhd->ihd", s.softmax(-1), v).reshape(T, H * D)
        x = x + o @ w[n + "attention_output"].T
        g, u = (norm(x, w[n + "feed_forward_norm"], c["normEpsilon"]) @ w[n + "gate_and_up"].T).chunk(2, -1)
        x = x + (F.silu(g) * u) @ w[n + "down"].T
    x = norm(x, w["final_norm"], c["normEpsilon"])
    return x @ w["embedding" if c["tiedEmbeddings"] else "output"].T


def loss(c, w, batch):
    total, count = 0, 0
    for tokens, weights in batch:
        t = torch.tensor(tokens)
        weight = torch.tensor(weights, dtype=torch.float64)[1:]
        ce = F.cross_entropy(logits(c, w, t)[:-1], t[1:], reduction="none")
        total = total + (ce * weight).sum()
        count += int((weight != 0).sum())
    return total / count


def main():
    HERE.mkdir(exist_ok=True)
    for seed, (name, c) in enumerate(CONFIGURATIONS.items()):
        g = torch.Generator().manual_seed(seed)
        w, decayed = {}, {}
        for key, shape, decay in tensors(c):
            value = torch.randn(shape, generator=g) * (0.3 if len(shape) == 2 else 0.1) + (1 if key.endswith("norm") else 0)
            w[key] = value.double().requires_grad_()
            decayed[key] = decay
        batch = []
        for length in (1, 2, 7, c["contextLength"], 13):
            tokens = torch.randint(c["vocabularySize"], (length,), generator=g).tolist()
            weights = [(0.0, 1.0, 1.5)[i] for i in torch.randint(3, (length,), generator=g).tolist()]
            batch.append((tokens, weights))
        first = {k: v.detach().clone() for k, v in w.items()}
        out = torch.cat([logits(c, w, torch.tensor(t)) for t, _ in batch]).detach()
        loss(c, w, batch).backward()
        gradient = {k: v.grad.clone() for k, v in w.items()}
        steps, rate, warmup = 10, 3e-3, 3
        optimizer = torch.optim.AdamW(
            [dict(params=[v for k, v in w.items() if decayed[k]], weight_decay=0.1), dict(params=[v for k, v in w.items() if not decayed[k]], weight_decay=0.0)],
            lr=rate, betas=(0.9, 0.95), eps=1e-8)
        losses = []
        for step in range(steps):
            for group in optimizer.param_groups:
                group["lr"] = rate * (step + 1) / warmup if step < warmup else rate * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))
            optimizer.zero_grad()
            value = loss(c, w, batch)
            value.backward()
            torch.nn.utils.clip_grad_norm_(w.values(), 0.5)
            optimizer.step()
            losses.append(value.item())
        header = dict(architecture=c, batch=[dict(tokens=t, weights=v) for t, v in batch], losses=losses,
                      optimizer=dict(learningRate=rate, beta1=0.9, beta2=0.95, epsilon=1e-8, weightDecay=0.1, clip=0.5, warmup=0.3, updates=steps),
                      tensors=[k for k in first], logits=list(out.shape))
        with open(HERE / f"transformer-{name}.bin", "wb") as f:
            f.write(json.dumps(header).encode() + b"\n")
            for part in [first[k] for k in first] + [gradient[k] for k in first] + [out]:
                values = part.flatten().float().tolist()
                f.write(struct.pack(f"<{len(values)}f", *values))


if __name__ == "__main__":
    main()
