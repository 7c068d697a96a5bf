"""Checks `emend export huggingface` with transformers and peft. Run by hand:

    python3 check_export.py ../../../.build/release/emend [SmolLM2-135M-Instruct.Q4_1.gguf]

1. Every family's fixture, exported: the same logits, bit for bit but for Gemma (whose norms lose last bits), and the same tokens.
2. A recipe's own model: transformers says greedily what the store says that Emend said.
3. A fixture adapted with LoRA by a recipe: the exported adapter on the base model under peft gives the logits of the exported merged model.
4. SmolLM2's GGUF file, where it is given: the logits and answers of Fixtures/smollm2.json.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import peft
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

HERE = pathlib.Path(__file__).parent
FAMILIES = HERE / "Fixtures" / "Families"
EMEND = pathlib.Path(sys.argv[1]).resolve()
ALGORITHMS = HERE.parents[2] / "recipes" / "algorithms"


def emend(folder, *words):
    done = subprocess.run([EMEND, *map(str, words)], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def load(path):
    return AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, attn_implementation="eager").eval()


def logits(model, tokens):
    with torch.no_grad():
        return model(torch.tensor([tokens]), use_cache=False).logits[0]


def greedy(model, tokens, most, end):
    said = []
    while len(said) < most and (not said or said[-1] != end):
        said.append(int(logits(model, tokens + said)[-1].argmax()))
    return said


def families(folder):
    for path in sorted(p for p in FAMILIES.iterdir() if p.is_dir()):
        emend(folder, "export", "huggingface", path, path.name)
        tokens = json.loads((FAMILIES / f"{path.name}.json").read_text())["tokens"]
        before, after = logits(load(path), tokens), logits(load(folder / path.name), tokens)
        difference = (before - after).abs().max().item()
        assert difference <= (2e-6 if "gemma" in path.name else 0) * before.abs().max().item(), (path.name, difference)
        text = "what is 2 + 3?\n(a*b)"
        assert AutoTokenizer.from_pretrained(path)(text) == AutoTokenizer.from_pretrained(folder / path.name)(text)
        print(f"{path.name}: logits differ by {difference}")


def own(folder):
    (folder / "own.md").write_text("""```recipe
import "algorithms/stasc.md"
sums = arithmetic(digits: 2, train: 30, validation: 8, test: 40)
base = pretrain(tiny, on: sums.corpus, steps: 150)
study s = stasc(base, sums, iterations: 1, decoding: greedy)
show evaluate(base, sums.test)
```
""")
    emend(folder, "run", "own.md")
    emend(folder, "export", "huggingface", "--model", "base", "own.md", "own")
    model, tokenizer = load(folder / "own"), AutoTokenizer.from_pretrained(folder / "own")
    rows = json.loads(emend(folder, "query", "--json", "SELECT DISTINCT prompt, text FROM sample_texts WHERE attempt = 1 AND operation = 'evaluate' AND iteration = 0"))
    rows = rows if isinstance(rows, list) else rows["rows"]
    assert len(rows) >= 20, rows
    wrong = 0
    for row in rows:
        prompt, text = (row["prompt"], row["text"]) if isinstance(row, dict) else row
        said = greedy(model, tokenizer.encode(prompt), 64, model.config.eos_token_id)
        wrong += tokenizer.decode(said, skip_special_tokens=True) != text
    print(f"a recipe's own model: {len(rows) - wrong} of {len(rows)} greedy answers equal")
    assert wrong == 0


def adapted(folder, name):
    (folder / f"lora-{name}.md").write_text(f"""```recipe
import "algorithms/stasc.md"
sums = arithmetic(digits: 1, train: 12, validation: 6, test: 8)
base = load("{FAMILIES / name}")
first = base.answer(sums.train, samples: 2, decoding: sampling(temperature: 1, max_tokens: 4))
adapted = base.fine_tune(first, lora(learning_rate: 0.05, epochs: 3, rank: 3, alpha: 6, targets: [query, value, output, gate, down]))
show adapted
```
""")
    emend(folder, "run", f"lora-{name}.md")
    emend(folder, "export", "huggingface", "--model", "adapted", f"lora-{name}.md", f"merged-{name}")
    emend(folder, "export", "huggingface", "--adapter", "--model", "adapted", f"lora-{name}.md", f"adapter-{name}")
    tokens = json.loads((FAMILIES / f"{name}.json").read_text())["tokens"]
    base = logits(load(FAMILIES / name), tokens)
    merged = logits(load(folder / f"merged-{name}"), tokens)
    under = logits(peft.PeftModel.from_pretrained(load(FAMILIES / name), folder / f"adapter-{name}").eval(), tokens)
    moved, difference = (merged - base).abs().max().item(), (merged - under).abs().max().item()
    print(f"{name} with an adapter: moved by {moved:.3f}, peft differs from merged by {difference:.2e}")
    assert moved > 0.01 and difference < 1e-4 * merged.abs().max().item()


def smollm2(folder, path):
    facts = json.loads((HERE / "Fixtures" / "smollm2.json").read_text())
    emend(folder, "export", "huggingface", pathlib.Path(path).resolve(), "smollm2-gguf")
    model, tokenizer = load(folder / "smollm2-gguf"), AutoTokenizer.from_pretrained(folder / "smollm2-gguf")
    assert tokenizer.encode(facts["text"]) == facts["tokens"]
    out = logits(model, facts["tokens"])
    for at in facts["logits"]:
        assert (out[at["position"]][at["ids"]] - torch.tensor(at["values"])).abs().max() < 1e-4
    for answer in facts["answers"][:3]:
        chat = [dict(role="user", content=answer["prompt"])]
        context = tokenizer.apply_chat_template(chat, add_generation_prompt=True, tokenize=False)
        assert tokenizer.encode(context) == answer["context"], context
        assert greedy(model, answer["context"], 12, 2) == answer["tokens"][:12]
    print("smollm2: tokens, logits and answers equal")


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    (folder / "algorithms").symlink_to(ALGORITHMS)
    torch.set_num_threads(1)
    families(folder)
    own(folder)
    for family in ("llama3", "phi3", "gemma2"):
        adapted(folder, family)
    if len(sys.argv) > 2:
        smollm2(folder, sys.argv[2])
print("all as it should be")
