"""Compares the base model's greedy answers in a run of a recipe with transformers', question by question. Run by hand, after the recipe:

    python3 check_answers.py EMEND MODEL.gguf RECIPE [STORE]

The model is exported by `emend export huggingface`; prompts come from the recipe's own `chat(…)` as the store keeps it, and go through
the model's own chat template. Both attempts are compared; second ones answer to what Emend's first ones said.
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
        conversations = {}
        equal, different = 0, []
        for row in greedy:
            conversation = conversations.setdefault(row["question"], list(opening))
            conversation.append(dict(role="user", content=row["prompt"]))
            text = tokenizer.apply_chat_template(conversation, add_generation_prompt=True, tokenize=False)
            tokens = torch.tensor([tokenizer.encode(text)])
            with torch.inference_mode():
                said = model.generate(
                    tokens, attention_mask=torch.ones_like(tokens), do_sample=False, max_new_tokens=most,
                    eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.eos_token_id)
            theirs = tokenizer.decode(said[0, tokens.shape[1]:], skip_special_tokens=True)
            if theirs == row["text"]:
                equal += 1
            else:
                different.append((row["prompt"], row["text"], theirs))
            conversation.append(dict(role="assistant", content=row["text"]))
    for prompt, ours, theirs in different:
        print(f"{prompt!r}: {ours!r}, transformers {theirs!r}")
    print(f"{equal} of {len(greedy)} answers of {len(conversations)} questions equal")
    sys.exit(1 if different else 0)


main()
