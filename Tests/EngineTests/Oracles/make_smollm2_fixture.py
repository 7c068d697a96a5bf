"""Makes Fixtures/smollm2.json: what transformers computes with the dequantised weights of SmolLM2-135M-Instruct.

    python3 make_smollm2_fixture.py ../../../models/SmolLM2-135M-Instruct.Q4_1.gguf [FOLDER]

Needs torch, transformers, tokenizers, gguf. The file comes from `make smollm2`. With FOLDER the dequantised model is saved there as well, in
single precision. Everything is computed in single precision but for the sums of log-probabilities. In the fixture:

  text, tokens       a text of our own and its tokens
  nll, perplexity    Σ -log p of every token but the first, and its exponential over their number
  logits             after some tokens: the eight greatest (ids, values), probes at fixed ids, and log Σ exp
  answers            greedy answers of at most 40 tokens under the model's own chat template; `margin` is the least distance between the
                     likeliest token and the next: where it is below 0.01, another order of summation may choose otherwise
"""

import json
import pathlib
import sys

import gguf
import numpy
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

TEXT = """A notebook that corrects itself must first be able to notice a mistake. In the study described here, a small model answers
three-digit sums, reads its own answer, and writes a second one. Of 500 questions it first solves 187; after one round of training on
its own better answers it solves 342, and after five rounds 431. The gain does not come from longer answers: 128 + 256 = 384 takes the
same three characters, right or wrong. What changes is how often a wrong digit is replaced, and how seldom a right one is. When every
second attempt is kept, whether it is better or not, the model learns to repeat itself, and the gain is gone by the third round.

def grade(answer, gold):
    return 1.0 if answer.strip() == gold else 0.0

"""

PROMPTS = [
    "What is the capital of France?", "What is 12 + 30?", "Name three colours.", "Who wrote Hamlet?",
    "Is 17 a prime number? Answer yes or no.", "Translate to Spanish: good morning.", "What comes after Tuesday?",
    "Write one sentence about the sea.", "How many legs does a spider have?", "What is the opposite of hot?",
    "What is 9 times 8?", "List the first five even numbers.", "Which planet is the largest?",
    "Complete: The quick brown fox", "What is water made of?", "Spell the word 'necessary'.",
    "Give a synonym for happy.", "In which year did the Second World War end?", "What is the square root of 81?",
    "Say hello in French, and nothing else.",
]
POSITIONS = [0, 11, 80, 195]
PROBES = [0, 1, 2, 100, 4321, 9876, 20000, 33333, 49151]


def dequantised(reader):
    state = {}
    def rows(name):
        tensor = next(t for t in reader.tensors if t.name == name)
        return gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(numpy.float32)
    def halves(array, heads):
        # The file keeps rows of queries and keys in adjacent pairs; transformers turns halves of a head.
        half = array.shape[0] // heads // 2
        return array.reshape(heads, half, 2, -1).swapaxes(1, 2).reshape(array.shape)
    state["model.embed_tokens.weight"] = rows("token_embd.weight")
    state["model.norm.weight"] = rows("output_norm.weight")
    for layer in range(30):
        ours, theirs = f"blk.{layer}.", f"model.layers.{layer}."
        state[theirs + "input_layernorm.weight"] = rows(ours + "attn_norm.weight")
        state[theirs + "post_attention_layernorm.weight"] = rows(ours + "ffn_norm.weight")
        state[theirs + "self_attn.q_proj.weight"] = halves(rows(ours + "attn_q.weight"), 9)
        state[theirs + "self_attn.k_proj.weight"] = halves(rows(ours + "attn_k.weight"), 3)
        state[theirs + "self_attn.v_proj.weight"] = rows(ours + "attn_v.weight")
        state[theirs + "self_attn.o_proj.weight"] = rows(ours + "attn_output.weight")
        for name in ("gate", "up", "down"):
            state[theirs + f"mlp.{name}_proj.weight"] = rows(ours + f"ffn_{name}.weight")
    return {name: torch.from_numpy(array.copy()) for name, array in state.items()}


def tokenizer_of(reader):
    field = lambda name: reader.fields[f"tokenizer.{name}"].contents()
    names, kinds = field("ggml.tokens"), field("ggml.token_type")
    tokenizer = Tokenizer(models.BPE({name: i for i, name in enumerate(names)}, [tuple(m.split(" ")) for m in field("ggml.merges")]))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(n, special=True, normalized=False) for n, k in zip(names, kinds) if k == 3])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, chat_template=field("chat_template"), eos_token="<|im_end|>", bos_token="<|im_start|>")


def greedy(model, prompt, most, end):
    """The answer's tokens with its end, and the least margin."""
    said, margin, past, step = [], float("inf"), None, torch.tensor([prompt])
    for _ in range(most):
        out = model(step, past_key_values=past, use_cache=True)
        past = out.past_key_values
        two = out.logits[0, -1].topk(2)
        margin = min(margin, (two.values[0] - two.values[1]).item())
        said.append(int(two.indices[0]))
        if said[-1] == end:
            break
        step = torch.tensor([[said[-1]]])
    return said, margin


def main():
    torch.set_num_threads(1)
    reader = gguf.GGUFReader(sys.argv[1])
    config = LlamaConfig(
        vocab_size=49152, hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
        num_key_value_heads=3, max_position_embeddings=8192, rms_norm_eps=1e-5, tie_word_embeddings=True,
        bos_token_id=1, eos_token_id=2, pad_token_id=2, rope_parameters=dict(rope_type="default", rope_theta=100000.0),
        attn_implementation="eager")
    model = LlamaForCausalLM(config).float().eval()
    missing, unexpected = model.load_state_dict(dequantised(reader), strict=False)
    assert missing in ([], ["lm_head.weight"]) and not unexpected, (missing, unexpected)
    model.tie_weights()
    tokenizer = tokenizer_of(reader)
    if len(sys.argv) > 2:
        model.save_pretrained(sys.argv[2])
        tokenizer.save_pretrained(sys.argv[2])
    with torch.no_grad():
        tokens = tokenizer.encode(TEXT)
        out = model(torch.tensor([tokens])).logits[0]
        nll = -out.double().log_softmax(-1)[:-1].gather(1, torch.tensor(tokens[1:])[:, None]).sum().item()
        logits = []
        for position in POSITIONS:
            top = out[position].topk(8)
            logits.append(dict(
                position=position, ids=top.indices.tolist(), values=[float(f"{x:.8g}") for x in top.values.tolist()],
                probes=[float(f"{x:.8g}") for x in out[position][PROBES].tolist()],
                logSumExp=out[position].double().logsumexp(-1).item()))
        answers = []
        for prompt in PROMPTS:
            text = tokenizer.apply_chat_template([dict(role="user", content=prompt)], add_generation_prompt=True, tokenize=False)
            ids = tokenizer.encode(text)
            said, margin = greedy(model, ids, 40, 2)
            answers.append(dict(prompt=prompt, context=ids, tokens=said, text=tokenizer.decode(said, skip_special_tokens=True), margin=round(margin, 5)))
            print(f"{margin:.4f} {prompt} {answers[-1]['text']!r}")
    facts = dict(
        text=TEXT, tokens=tokens, nll=nll, perplexity=float(numpy.exp(nll / (len(tokens) - 1))), probeIds=PROBES, logits=logits, answers=answers)
    path = pathlib.Path(__file__).parent / "Fixtures" / "smollm2.json"
    path.write_text(json.dumps(facts, ensure_ascii=False).replace('}, {', '},\n{') + "\n")
    print(f"{path}: {path.stat().st_size} bytes, {len(tokens)} tokens, perplexity {facts['perplexity']:.6f}")


main()
