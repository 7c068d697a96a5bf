"""Writes Fixtures/trajectory-loss.json: TriPosT's weighted loss and its gradient on random logits, from PyTorch.

L = sum_s w_s m_s CE_s / sum_s m_s over a batch padded to one length, as the paper's code has it, but with m = 0 on padding. Written from the formula,
independently of Sources/Engine. Run with Python 3, torch 2.13 (CPU):  python make_trajectory_fixtures.py
"""

import json, pathlib
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent / "Fixtures"
generator = torch.Generator().manual_seed(5)
VOCABULARY = 13
# Length, and where the feedback begins; None: an example without an improvement.
EXAMPLES = [(9, 4), (6, None), (12, 7), (3, 1)]
PAD = 0

longest = max(length for length, _ in EXAMPLES)
tokens = torch.full((len(EXAMPLES), longest), PAD)
weight = torch.ones(len(EXAMPLES), longest, dtype=torch.float64)
mask = torch.zeros(len(EXAMPLES), longest, dtype=torch.float64)
for row, (length, begins) in enumerate(EXAMPLES):
    tokens[row, :length] = torch.randint(1, VOCABULARY, (length,), generator=generator)
    mask[row, :length] = 1
    if begins is not None:
        weight[row, begins:] = 1.5
logits = torch.randn(len(EXAMPLES), longest, VOCABULARY, generator=generator, dtype=torch.float64).float().double()
logits.requires_grad_(True)
# Token s is predicted from what is before it; the first of a row from nothing.
ce = F.cross_entropy(logits[:, :-1].transpose(1, 2), tokens[:, 1:], reduction="none")
m = mask[:, 1:]
loss = (weight[:, 1:] * m * ce).sum() / m.sum()
loss.backward()
HERE.mkdir(exist_ok=True)
(HERE / "trajectory-loss.json").write_text(json.dumps(dict(
    vocabulary=VOCABULARY, loss=loss.item(), labels=int(m.sum().item()),
    examples=[dict(
        begins=begins, tokens=tokens[row, :length].tolist(),
        logits=[[round(x, 8) for x in position] for position in logits[row, :length - 1].tolist()],
        gradient=[[round(x, 9) for x in position] for position in logits.grad[row, :length - 1].tolist()])
        for row, (length, begins) in enumerate(EXAMPLES)]), separators=(",", ":")) + "\n")
