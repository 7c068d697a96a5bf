"""Makes the fixtures of the tokenizer tests with the Python libraries `tokenizers` (0.23.3)
and `sentencepiece`.

    python3 make_tokenizer_fixtures.py [SmolLM2-135M-Instruct.gguf]

Trains one small tokenizer a family, saves it as `Fixtures/tokenizer-FAMILY.json`, and writes `Fixtures/tokenizers.json`: the
fragments from which both sides make the same 10,000 strings a family, and a hash of the ids of every hundred strings. A family
whose file is there already is not trained again, since training is not the same everywhere. With a GGUF file (and the package
`gguf`) the real vocabulary is hashed too; without, what the file has on it is kept.
"""

import json
import pathlib
import sys

from tokenizers import (AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors,
                        trainers)

FOLDER = pathlib.Path(__file__).parent / "Fixtures"
MASK = (1 << 64) - 1
BLOCKS, BLOCK = 100, 100

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
          r"|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
MARKS = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

FRAGMENTS = [
    # Words, prose, contractions.
    "the", " the", "The quick brown fox", " jumps", "lazy dog.", "Hello", " world", "don't", "I'll", "WE'VE", "'S", "'\u017f",
    "it's", "they'RE", "'d", "'", "''", "\u2019s", "internationalization", " ungewöhnlich", "naïve café", "A", "a", " I", "x",
    # Code.
    "def f(x):\n    return x + 1\n", "for (int i = 0; i < n; ++i) {", "}\n", "\tif a[i] != b[j]:\n\t\tpass", "==", "!==", "->", "::",
    "// TODO: fix\n", "/* */", "#include <stdio.h>\n", "SELECT * FROM t;", "foo_bar", "camelCase", "a.b.c()", "\\n", "\\frac{1}{2}",
    "$x^2$", "{{", "}}", "%d", "&&", "https://example.org/a?b=c&d=1#e", "user@example.com", "`code`", "```", "---", "...", "…",
    # Numbers.
    "0", "7", "42", " 123", "1234", "12345678901234567890", "3.14159", "1,000,000", "-5", "1e-10", "0xFF", "2024-01-31", "½", "Ⅳ",
    "٣٤٥", "१२३", "²", "𝟘𝟙", "10%", "$9.99", "一二三",
    # White space.
    " ", "  ", "   ", "        ", "\n", "\n\n", "\n\n\n", "\r\n", "\r", "\t", "\t\t", " \n", "\n ", "  \n  ", " \t ", "\u00a0", "\u3000",
    "\u2003", "\u200b", "\u0085", "\u2028", "\x0b", "\x0c", "\x1c", "\ufeff",
    # Emoji, joined and not.
    "😀", "👍🏽", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "🇩", "❤️", "❤", "👩‍🚀", "1️⃣", "🤷🏾‍♀️", "\u200d", "\ufe0f", "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    # Combining marks, forms that normalise.
    "é", "e\u0301", "\u0301", "a\u0323\u0307", "a\u0307\u0323", "q\u0307\u0323", "ñ", "n\u0303", "Å", "\u212b", "A\u030a", "ﬁ", "ﬆ", "①",
    "ｆｕｌｌ", "ǆ", "İ", "i\u0307", "ß", "ẞ", "Σ", "σς", "각", "\u1100\u1161\u11a8", "\uac00\u11a8", "\u1100\u1161", "क्षि", "นี่", "த்", "\u0344", "\u0958",
    "\U0001d15e", "\U00011131\U00011127", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢", "\u03b9\u0308\u0301", "\u1fc1", "\u0f73\u0f71",
    # Right to left.
    "שלום", " עולם", "שָׁלוֹם", "مرحبا", " بالعالم", "السَّلَامُ", "لا", "\u200f", "\u202eabc\u202c", "۱۲۳", "ﷺ",
    # East Asia, other scripts.
    "你好", "世界", "，", "。", "「日本語」", "ひらがな", "カタカナ", "ｶﾞ", "한국어", "𠀀𠀁", "㍿", "Привет", " мир", "Ελληνικά", "ภาษาไทย", "தமிழ்", "ქართული", "አማርኛ",
    # What other tokens look like.
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|im_", "start|>", "<|", "|>", "<s>", "</s>", "<s", "<unk>", "<pad>", "<0x41>",
    "<0x0A>", "<|eot_id|>", "<|begin_of_text|>", "<|start_header_id|>", "<start_of_turn>", "<end_of_turn>", "<think>", "</think>",
    "<|user|>", "<|end|>", "[INST]", "[/INST]", "<<SYS>>", "▁", "▁▁", "Ġ", "Ċ", "Ã©", "<mask>", "[LEFT]", "[RIGHT]", "WORD", "Norm",
    "<tool>", "[BOTH]", "norm",
    # What is hardly ever written.
    "\x00", "\x01", "\x7f", "\ue000", "\ufffd", "\U0010ffff", "\ufffe", "\U000e0041", "aaaaaaaaaaaaaaaaaaaaaaaa", "ababababababab",
    "!!!!!!!!!!", "=======", "______", "。。。。", "ـــــ", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "—", "“quoted”", "‘", "’",
]
RANGES = [(0x20, 0x7e), (0, 0x24f), (0x300, 0x36f), (0x370, 0x8ff), (0x900, 0x1fff), (0x2000, 0x33ff), (0xa000, 0xd7ff),
          (0xf900, 0x10fff), (0x11000, 0x1ffff), (0x20000, 0x3ffff)]


def splitmix(state):
    state = (state + 0x9E3779B97F4A7C15) & MASK
    z = state
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return state, z ^ z >> 31


def string(seed, index):
    """The string of a seed and an index: the same as `TokenizerStrings` makes it."""
    state, number = splitmix((seed << 32 | index) & MASK)
    parts = []
    for _ in range(1 + number % 14):
        state, number = splitmix(state)
        kind, number = number % 8, number >> 3
        if kind == 0:
            low, high = RANGES[number % len(RANGES)]
            parts.append(chr(low + (number >> 16) % (high - low + 1)))
        else:
            fragment = FRAGMENTS[number % len(FRAGMENTS)]
            parts.append(fragment * (1 + (number >> 32) % 9) if kind == 1 else fragment)
    return "".join(parts)


def fnv(data, value=0xCBF29CE484222325):
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & MASK
    return value


def ids_hash(lists):
    data = bytearray()
    for ids in lists:
        for i in ids:
            data += i.to_bytes(4, "little")
        data += b"\xff\xff\xff\xff"
    return format(fnv(data), "016x")


def corpus():
    """What the small tokenizers are trained on: the strings themselves, and this library's own sources."""
    import json.decoder
    import textwrap
    yield from (string(99, i) for i in range(6000))
    for module in (textwrap, json.decoder):
        yield from pathlib.Path(module.__file__).read_text().splitlines(keepends=True)


def special(*contents, **options):
    return [AddedToken(content, special=True, normalized=False, **options) for content in contents]


def byte_level(pre, normalizer=None, specials=(), added=(), processor=None, ignore_merges=False, size=1200):
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.add_tokens(list(specials) + list(added))
    if processor:
        tokenizer.post_processor = processor(tokenizer)
    return tokenizer


def sentence_piece(normalizer, pre, decoder, specials, added=(), unk="<unk>", fuse=True, fallback=True, size=1000,
                   begin=None):
    tokenizer = Tokenizer(models.BPE(unk_token=unk, fuse_unk=fuse, byte_fallback=fallback))
    tokenizer.normalizer = normalizer
    # Trained on words, as SentencePiece does; used as given.
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    bytes_ = [f"<0x{b:02X}>" for b in range(256)] if fallback else []
    trainer = trainers.BpeTrainer(
        vocab_size=size + len(bytes_), show_progress=False, limit_alphabet=250,
        special_tokens=[unk] + [t.content for t in specials] + bytes_)
    tokenizer.train_from_iterator(corpus(), trainer)
    data = json.loads(tokenizer.to_str())
    data["added_tokens"] = []
    tokenizer = Tokenizer.from_str(json.dumps(data))
    tokenizer.pre_tokenizer = pre
    tokenizer.decoder = decoder
    tokenizer.add_tokens(special(unk) + list(specials) + list(added))
    if begin:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{begin} $A", special_tokens=[(begin, tokenizer.token_to_id(begin))])
    return tokenizer


def unigram(fallback):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    bytes_ = [f"<0x{b:02X}>" for b in range(256)] if fallback else []
    trainer = trainers.UnigramTrainer(
        vocab_size=1200, show_progress=False, unk_token="<unk>", special_tokens=["<pad>", "</s>", "<unk>"])
    common = {c for c in "".join(FRAGMENTS) if ord(c) < 0x600}
    tokenizer.train_from_iterator(("".join(c for c in text if c in common) for text in corpus()), trainer)
    data = json.loads(tokenizer.to_str())
    # Characters must be left without a token, or the fallback is never used.
    vocabulary = {t: s for t, s in reversed(data["model"]["vocab"]) if t not in bytes_ and (len(t) > 1 or ord(t) < 0x250 or t == "▁")}
    data["model"]["vocab"] = [[t, s] for t, s in reversed(vocabulary.items())] + [[b, -20.0] for b in bytes_]
    data["model"]["byte_fallback"] = fallback
    data["added_tokens"] = []
    tokenizer = Tokenizer.from_str(json.dumps(data))
    tokenizer.decoder = (
        decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace(prepend_scheme="always")])
        if fallback else decoders.Metaspace(prepend_scheme="always"))
    tokenizer.add_tokens(special("<pad>", "</s>", "<unk>") + special("<mask>", lstrip=True))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", tokenizer.token_to_id("</s>"))])
    return tokenizer


def begins(token):
    return lambda t: processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(single=f"{token} $A", special_tokens=[(token, t.token_to_id(token))])])


def split(expression):
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(expression), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


CHATML = special("<|endoftext|>", "<|im_start|>", "<|im_end|>")
LLAMA2_DECODER = lambda: decoders.Sequence([
    decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])

FAMILIES = {
    "gpt2": lambda: byte_level(
        pre_tokenizers.ByteLevel(add_prefix_space=False),
        specials=[AddedToken("<|endoftext|>", special=True, normalized=True)],
        added=[AddedToken("WORD", single_word=True, normalized=False), AddedToken("[LEFT]", lstrip=True),
               AddedToken("[RIGHT]", rstrip=True), AddedToken("[BOTH]", lstrip=True, rstrip=True)]),
    "llama3": lambda: byte_level(
        split(LLAMA3), specials=special("<|begin_of_text|>", "<|eot_id|>", "<|start_header_id|>"),
        processor=begins("<|begin_of_text|>"), ignore_merges=True),
    "qwen2": lambda: byte_level(
        split(QWEN2), normalizers.NFC(), CHATML,
        [AddedToken("<think>", normalized=False), AddedToken("</think>", normalized=False),
         AddedToken("A\u030a", normalized=True)]),
    "marks": lambda: byte_level(split(MARKS), normalizers.NFD(), CHATML, size=800),
    "smollm": lambda: byte_level(
        pre_tokenizers.Sequence([
            pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]),
        specials=CHATML),
    "llama2": lambda: sentence_piece(
        normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]), None, LLAMA2_DECODER(),
        special("<s>", "</s>"), special("<|user|>", "<|end|>", rstrip=True), begin="<s>"),
    "llama2first": lambda: sentence_piece(
        None, pre_tokenizers.Metaspace(prepend_scheme="first", split=False), LLAMA2_DECODER(),
        special("<s>", "</s>"), begin="<s>"),
    "gemma": lambda: sentence_piece(
        normalizers.Replace(" ", "▁"), pre_tokenizers.Split(" ", "merged_with_previous"),
        decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]),
        special("<start_of_turn>", "<end_of_turn>", "<pad>"),
        [AddedToken("\n\n", normalized=False), AddedToken("\n\n\n", normalized=False),
         AddedToken("\t\t", normalized=False), AddedToken("<mask>", normalized=False)]),
    "unigram": lambda: unigram(True),
    "unigramunk": lambda: unigram(False),
    # Of no family: what is left of the components.
    "mixed": lambda: sentence_piece(
        normalizers.Sequence([normalizers.NFKD(), normalizers.Lowercase(), normalizers.Strip(left=True, right=False)]),
        pre_tokenizers.Sequence([
            pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.Digits(individual_digits=False),
            pre_tokenizers.Split(Regex(GPT2), "isolated"), pre_tokenizers.Split("a", "removed"),
            pre_tokenizers.Split(Regex(r"\p{N}{1,3}"), "merged_with_next"),
            pre_tokenizers.Metaspace(prepend_scheme="always")]),
        decoders.Metaspace(prepend_scheme="always"), special("<s>"), [AddedToken("Norm", normalized=True)],
        fuse=False, fallback=False),
}


def ordinary(tokenizer):
    """The tokenizer for text that is not trusted: no text becomes a special token.

    The library leaves special tokens in ordinary text alone, but its models may still put them together from pieces.
    """
    data = json.loads(tokenizer.to_str())
    model, names = data["model"], {t["content"] for t in data["added_tokens"] if t["special"]}
    if model["type"] == "Unigram":
        model["vocab"] = [["\ue001" + t if t in names else t, s] for t, s in model["vocab"]]
        data["added_tokens"] = []
        data["post_processor"] = None
    else:
        model["merges"] = [m for m in model["merges"] if "".join(m) not in names]
    return Tokenizer.from_str(json.dumps(data))


def facts(tokenizer, seed):
    plain = ordinary(tokenizer)
    plain.encode_special_tokens = True
    result = {"seed": seed, "parsed": [], "plain": [], "decoded": [], "samples": []}
    for block in range(BLOCKS):
        strings = [string(seed, block * BLOCK + i) for i in range(BLOCK)]
        parsed = [e.ids for e in tokenizer.encode_batch(strings, add_special_tokens=True)]
        texts = [e.ids for e in plain.encode_batch(strings, add_special_tokens=False)]
        decoded = [tokenizer.decode(ids, skip_special_tokens=index % 2 == 0) for index, ids in enumerate(parsed)]
        # Every third id alone: sequences of bytes are cut apart.
        decoded += [tokenizer.decode(ids[::3], skip_special_tokens=True) for ids in parsed]
        result["parsed"].append(ids_hash(parsed))
        result["plain"].append(ids_hash(texts))
        result["decoded"].append(format(fnv(b"".join(t.encode() + b"\xff" for t in decoded)), "016x"))
        if block == 0:
            result["samples"] = [[s, i, p] for s, i, p in zip(strings, parsed, texts)][:24]
    return result


def gguf_tokenizer(path):
    """The tokenizer that a GGUF file of SmolLM2 describes, as the library would have it."""
    from gguf import GGUFReader
    fields = GGUFReader(path).fields
    texts = lambda key: [bytes(fields[key].parts[i]).decode() for i in fields[key].data]
    tokens, merges = texts("tokenizer.ggml.tokens"), texts("tokenizer.ggml.merges")
    types = [int(fields["tokenizer.ggml.token_type"].parts[i][0]) for i in fields["tokenizer.ggml.token_type"].data]
    tokenizer = Tokenizer(models.BPE({t: i for i, t in enumerate(tokens)}, [tuple(m.split(" ")) for m in merges]))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_tokens([t for i, s in enumerate(tokens) if types[i] == 3 for t in special(s)])
    return tokenizer


def sentencepiece_model():
    """A BPE model of SentencePiece itself, as a GGUF file has it: tokens, scores, types."""
    import io
    import sentencepiece
    model = io.BytesIO()
    common = {c for c in "".join(FRAGMENTS) if ord(c) < 0x600}
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=("".join(c for c in text if c in common and c != "\0") for text in corpus()),
        model_writer=model, model_type="bpe", vocab_size=1000, byte_fallback=True, normalization_rule_name="identity",
        remove_extra_whitespaces=False, character_coverage=0.995, num_threads=1, minloglevel=2)
    return model.getvalue()


def sentencepiece_facts(path, seed):
    import base64
    import sentencepiece
    processor = sentencepiece.SentencePieceProcessor()
    processor.LoadFromSerializedProto(base64.b64decode(json.loads(path.read_text())["model"]))
    return {"seed": seed, "parsed": [], "decoded": [], "samples": [], "plain": [
        ids_hash(processor.encode([string(seed, block * BLOCK + i) for i in range(BLOCK)])) for block in range(BLOCKS)]}


def sentencepiece_file(model):
    import base64
    import sentencepiece
    p = sentencepiece.SentencePieceProcessor()
    p.LoadFromSerializedProto(model)
    kind = lambda i: 2 if p.is_unknown(i) else 3 if p.is_control(i) else 6 if p.is_byte(i) else 1
    return json.dumps({
        "tokens": [p.id_to_piece(i) for i in range(len(p))], "scores": [p.get_score(i) for i in range(len(p))],
        "types": [kind(i) for i in range(len(p))], "model": base64.b64encode(model).decode()}, ensure_ascii=False)


def main():
    FOLDER.mkdir(exist_ok=True)
    out = FOLDER / "tokenizers.json"
    known = json.loads(out.read_text())["families"] if out.exists() else {}
    families = {}
    for seed, (name, make) in enumerate(FAMILIES.items(), 1):
        path = FOLDER / f"tokenizer-{name}.json"
        if not path.exists():
            data = json.loads(make().to_str())
            path.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n")
        families[name] = facts(Tokenizer.from_file(str(path)), seed)
        print(name, families[name]["parsed"][0])
    path = FOLDER / "tokenizer-sentencepiece.json"
    if not path.exists():
        path.write_text(sentencepiece_file(sentencepiece_model()) + "\n")
    families["sentencepiece"] = sentencepiece_facts(path, 900)
    if len(sys.argv) > 1:
        families["smollm2"] = facts(gguf_tokenizer(sys.argv[1]), 1000)
    elif "smollm2" in known:
        families["smollm2"] = known["smollm2"]
    lines = [f'"fragments":{json.dumps(FRAGMENTS)}', f'"ranges":{json.dumps(RANGES)}']
    lines.append('"families":{\n' + ",\n".join(
        f"{json.dumps(n)}:{json.dumps(f, separators=(',', ':'))}" for n, f in families.items()) + "}")
    out.write_text("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
