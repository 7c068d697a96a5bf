"""Compares the base model's greedy answers in a run of a recipe with transformers', question by question. Run by hand, after the recipe:

    python3 check_answers.py EMEND MODEL.gguf RECIPE [STORE [QUESTIONS]]

The model is exported by `emend export huggingface`; prompts come from the recipe's own `chat(…)` as the store keeps it, and go through
the model's own chat template. Both attempts are compared. First answers stand in the second ones' context as the tokens that were sampled: encoding their
text anew can give others. An answer may differ where transformers' two likeliest tokens are less than 1e-4 apart.

The fifth argument names questions, by their number and separated by commas, if not all are to be compared.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

EMEND, MODEL, RECIPE = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
STORE = pathlib.Path(sys.argv[4]).resolve() if len(sys.argv) > 4 else pathlib.Path("results").resolve()

ONLY = {int(word) for word in sys.argv[5].split(",")} if len(sys.argv) > 5 else set()
END = "<|im_end|>\n"


def emend(*words):
    done = subprocess.run([EMEND, *map(str, words)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def query(sql):
    return json.loads(emend("query", "--json", "--store", STORE, sql))


def main():
    rows = query(f"""
        SELECT DISTINCT t.question, t.attempt, t.prompt, t.text, s.arguments
        FROM sample_texts t JOIN steps s ON substr(s.key, 1, 12) = t.step
        WHERE t.operation = 'evaluate' AND t.iteration = 0 AND t.document LIKE '%{RECIPE.name}'
        ORDER BY t.question, t.attempt""")
    for row in rows:
        row["arguments"] = json.loads(row["arguments"])
    greedy = [row for row in rows if row["arguments"]["decoding"]["constructor"] == "greedy"]
    assert greedy, "no greedy evaluation of the base model is in the store"
    most = greedy[0]["arguments"]["decoding"].get("max_tokens", 64)
    task = query(f"SELECT arguments FROM steps WHERE key = '{greedy[0]['arguments']['questions']['step']}'")[0]
    chat = json.loads(task["arguments"])["prompts"]
    opening = [dict(role="system", content=chat["system"])] if chat["system"] else []
    for index, text in enumerate(chat["examples"]):
        opening.append(dict(role="user" if index % 2 == 0 else "assistant", content=text))

    with tempfile.TemporaryDirectory() as name:
        emend("export", "huggingface", MODEL, f"{name}/model")
        model = AutoModelForCausalLM.from_pretrained(f"{name}/model", dtype=torch.float32).eval()
        tokenizer = AutoTokenizer.from_pretrained(f"{name}/model")
        # What a conversation begins with, up to the question: not said again before the second one.
        beginning = tokenizer.apply_chat_template(opening, tokenize=False) if opening else \
            tokenizer.apply_chat_template([dict(role="user", content="x")], tokenize=False).split("<|im_start|>user")[0]
        conversations = {}
        equal, tied, different = 0, [], []
        for row in greedy:
            if ONLY and row["question"] not in ONLY:
                continue
            text = tokenizer.apply_chat_template(
                opening + [dict(role="user", content=row["prompt"])], add_generation_prompt=True, tokenize=False)
            if row["question"] in conversations:
                tokens = conversations[row["question"]] + tokenizer.encode(END + text[len(beginning):])
            else:
                tokens = tokenizer.encode(text)
            with torch.inference_mode():
                said = model.generate(
                    torch.tensor([tokens]), attention_mask=torch.ones(1, len(tokens), dtype=torch.long),
                    do_sample=False, max_new_tokens=most, eos_token_id=tokenizer.eos_token_id,
                    pad_token_id=tokenizer.eos_token_id, output_logits=True, return_dict_in_generate=True)
            own = said.sequences[0, len(tokens):].tolist()
            theirs = tokenizer.decode(own, skip_special_tokens=True)
            if own[-1] == tokenizer.eos_token_id:
                own.pop()
            if theirs == row["text"]:
                equal += 1
            else:
                # Up to here both said the same; the second likeliest token was this far behind.
                place = next(
                    (n for n in range(len(own)) if not row["text"].startswith(tokenizer.decode(own[:n + 1]))), len(own))
                place = min(place, len(said.logits) - 1)
                best = said.logits[place][0].topk(2).values
                gap = float(best[0] - best[1])
                (tied if gap < 1e-4 else different).append((row["prompt"], row["text"], theirs, gap))
                own = tokenizer.encode(row["text"])
            conversations[row["question"]] = tokens + own
    for prompt, ours, theirs, gap in tied + different:
        print(f"{prompt!r}: {ours!r}, transformers {theirs!r}; its two likeliest tokens are {gap:.2g} apart")
    print(f"{equal} answers of {len(conversations)} questions equal, {len(tied)} with a tie within rounding, {len(different)} different")
    sys.exit(1 if different else 0)


main()
