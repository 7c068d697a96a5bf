"""Writes Fixtures/policy.json: a random policy, a random reference, sampled conversations, and the loss and gradient of each objective, from PyTorch.

The objectives are written from their definitions (REINFORCE with a baseline, KL to a reference by three estimators, per attempt), independently of
Sources/Engine; gradients are autograd's, in double precision. Run with Python 3, torch 2.13 (CPU):  python make_policy_fixtures.py
"""

import json, pathlib
import torch
from make_transformer_fixtures import logits, tensors

HERE = pathlib.Path(__file__).parent / "Fixtures"
SHAPE = dict(vocabularySize=11, layers=1, width=8, heads=2, keyValueHeads=1, headWidth=4, feedForward=10, contextLength=24, ropeBase=10000.0, normEpsilon=1e-5, tiedEmbeddings=True, attentionBias=False, queryKeyNorm=False)

CONFIGURATIONS = [
    dict(name="REINFORCE without a baseline", baseline="none", estimator="full", normalization="none", kl=[0, 0], discount=0),
    dict(name="leave one out", baseline="leave_one_out", estimator="full", normalization="none", kl=[0, 0], discount=0),
    dict(name="batch mean and k3", baseline="batch_mean", estimator="k3", normalization="none", kl=[0.3, 0.7], discount=0),
    dict(name="leave one out and the whole divergence", baseline="leave_one_out", estimator="full", normalization="none", kl=[0.3, 0.7], discount=0),
    dict(name="the divergence in the reward", baseline="leave_one_out", estimator="in_reward", normalization="none", kl=[0.3, 0.7], discount=0),
    dict(name="divided by lengths", baseline="leave_one_out", estimator="full", normalization="sequence", kl=[0.3, 0.7], discount=0),
    dict(name="divided by a constant", baseline="none", estimator="k3", normalization="constant", kl=[0.3, 0.7], discount=0),
    dict(name="discounted", baseline="leave_one_out", estimator="full", normalization="none", kl=[0.1, 0.1], discount=0.8),
    dict(name="samples of another policy", baseline="none", estimator="k3", normalization="none", kl=[0.2, 0.2], discount=0, off_policy=True),
]
LENGTH = 5.0  # of `constant`


def weights(generator):
    w = {}
    for key, shape, _ in tensors(SHAPE):
        w[key] = (torch.randn(shape, generator=generator) * (0.4 if len(shape) == 2 else 0.1) + (1 if key.endswith("norm") else 0)).float().double()
    return w


def conversations(generator):
    """Two questions, three samples each: prompt, attempt, prompt, attempt; attempts of different lengths, with rewards."""
    rows = []
    for question in range(2):
        prompt = [0] + torch.randint(2, 11, (3,), generator=generator).tolist()
        for sample in range(3):
            a, b = (torch.randint(2, 11, (int(torch.randint(1, 5, (1,), generator=generator)),), generator=generator).tolist() + [1] for _ in range(2))
            rewards = torch.rand(2, generator=generator).tolist()
            rows.append(dict(question=question, sample=sample, turns=[prompt, a, [4], b], rewards=[round(r, 3) for r in rewards]))
    return rows


def objective(c, policy, reference, rows):
    attempts = []  # per row, per attempt: log p chosen, log p all, the same of the reference
    for row in rows:
        tokens = sum(row["turns"], [])
        ours = logits(SHAPE, policy, torch.tensor(tokens)).log_softmax(-1)
        theirs = logits(SHAPE, reference, torch.tensor(tokens)).log_softmax(-1)
        own, start = [], 0
        for index, turn in enumerate(row["turns"]):
            if index % 2 == 1:
                at = torch.arange(start, start + len(turn))
                t = torch.tensor(turn)
                own.append((ours[at - 1, t], ours[at - 1], theirs[at - 1, t], theirs[at - 1]))
            start += len(turn)
        attempts.append(own)
    returns = []
    for row, own in zip(rows, attempts):
        r = list(row["rewards"])
        r = [r[0] + c["discount"] * r[1], r[1]]
        if c["estimator"] == "in_reward":
            r = [value - beta * (p - q).sum().item() for value, beta, (p, _, q, _) in zip(r, c["kl"], own)]
        returns.append(r)
    total = 0
    for n, own in enumerate(attempts):
        for i, (p, all_p, q, all_q) in enumerate(own):
            if c["baseline"] == "none":
                b = 0
            elif c["baseline"] == "batch_mean":
                b = sum(r[i] for r in returns) / len(returns)
            else:
                others = [r[i] for m, r in enumerate(returns) if m != n and rows[m]["question"] == rows[n]["question"]]
                b = sum(others) / len(others)
            advantage = returns[n][i] - b
            term = -advantage * ((p - q.detach()).exp() if c.get("off_policy") else (p - p.detach()).exp())
            if c["estimator"] == "k3":
                d = q - p
                term = term + c["kl"][i] * (d.exp() - d - 1)
            elif c["estimator"] == "full":
                term = term + c["kl"][i] * (all_p.exp() * (all_p - all_q)).sum(-1)
            scale = {"none": 1, "sequence": 1 / len(p), "constant": 1 / LENGTH}[c["normalization"]]
            total = total + term.sum() * scale
    return total / len(rows)


def main():
    generator = torch.Generator().manual_seed(5)
    policy, reference = weights(generator), weights(generator)
    for w in policy.values():
        w.requires_grad_()
    rows = conversations(generator)
    results = []
    for c in CONFIGURATIONS:
        for w in policy.values():
            w.grad = None
        loss = objective(c, policy, reference, rows)
        loss.backward()
        gradient = torch.cat([w.grad.flatten() for w in policy.values()]).tolist()
        results.append(dict(c, loss=loss.item(), gradient=[float(f"{g:.7g}") for g in gradient]))
    flat = lambda w: torch.cat([v.detach().flatten() for v in w.values()]).float().tolist()
    document = dict(architecture=SHAPE, tensors=list(policy), policy=flat(policy), reference=flat(reference), rows=rows, length=LENGTH, results=results)
    (HERE / "policy.json").write_text(json.dumps(document))


if __name__ == "__main__":
    main()
