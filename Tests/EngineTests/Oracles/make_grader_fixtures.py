"""Writes Fixtures/grader-texts.tsv, grader-pairs.tsv and grader-formulas.tsv: answers with the verdicts of graders that know nothing of Sources/Engine.

Run with Python 3, math-verify 0.9.0, latex2sympy2_extended 1.11.0 and sympy 1.14.0:
    python make_grader_fixtures.py MATH500.json GSM8K.jsonl
where the arguments are math500_test.json (a list of objects with "answer") and GSM8K's test.jsonl, both under the MIT licence. Only short answers
are copied from them.

grader-texts.tsv: text, gold, in_acc, em, f1. The reference is written here from the papers' definitions with regular expressions.
grader-pairs.tsv: kind, candidate, gold, verdict of math-verify. Line n (from 0) is graded inside WRAPPERS[n % 3].
grader-formulas.tsv: two formulas, and whether sympy made one of the other (1) or changed something in between (0).
"""

import json, logging, pathlib, random, re, string, sys, unicodedata
from collections import Counter

import sympy
from math_verify import LatexExtractionConfig, ExprExtractionConfig, parse, verify

logging.disable(logging.CRITICAL)
HERE = pathlib.Path(__file__).parent / "Fixtures"
WRAPPERS = ["So we find that \\boxed{%s}.", "Final Answer: The final answer is $%s$. I hope it is correct.", "Adding up, the answer is $%s$."]
chance = random.Random(20260)


# Texts: STaSC's in_acc, SQuAD's exact match and F1.

def lowered(text):
    text = "".join(" " if c in string.punctuation else c for c in text.lower())
    # A letter with its marks is one letter, also when decomposed: articles are runs of letters, digits and marks.
    runs, run = [], ""
    for c in text + " ":
        if unicodedata.category(c)[0] in "LNM":
            run += c
        else:
            runs += [" " if run in ("a", "an", "the") else run, c]
            run = ""
    return " ".join("".join(runs).split())


def tokens(text):
    found, run = [], ""
    for c in lowered(unicodedata.normalize("NFD", text)) + " ":
        if unicodedata.category(c)[0] in "LNM":
            run += c
            continue
        if run:
            found.append(run)
        run = ""
        if unicodedata.category(c)[0] not in "ZC":
            found.append(c)
    return found


def in_acc(text, gold):
    have, want = tokens(text), tokens(gold)
    if not want:  # decided: a gold answer of nothing but articles or punctuation has to be the whole text
        return text.strip() == gold.strip()
    return any(have[i:i + len(want)] == want for i in range(len(have) - len(want) + 1))


def f1(text, gold):
    a, b = lowered(text).split(), lowered(gold).split()
    if not a or not b:
        return float(a == b)
    common = sum((Counter(a) & Counter(b)).values())
    return 2 * common / (len(a) + len(b))


WORDS = "the a an The AN Paris paris parish eiffel tower Eiffel-Tower caf\u00e9 cafe\u0301 cafe na\u00efve \u00e0 la \u201cthe\u201d o\u2019a 1,234 3.14 -7 U.S. u.s $5 50% \u20ac5 \u4e1c\u4eac \u0645\u0635\u0631 \U0001f642 e-mail don't rock'n'roll snake_case A. \u00df \u0130 x\u00b2 \u00bd \u2014 \u2026 theory another banana , . ! ?".split(" ")


def texts():
    for n in range(600):
        text = [chance.choice(WORDS) for _ in range(chance.randrange(9))]
        if chance.random() < 0.6 and text:
            i = chance.randrange(len(text))
            gold = text[i:i + 1 + chance.randrange(3)]
        else:
            gold = [chance.choice(WORDS) for _ in range(1 + chance.randrange(3))]
        text, gold = chance.choice([" ", "  ", " "]).join(text), " ".join(gold)
        if chance.random() < 0.3:
            gold = chance.choice([str.upper, str.lower, str.title, lambda s: unicodedata.normalize("NFD", s)])(gold)
        yield [text, gold, int(in_acc(text, gold)), int(lowered(text) == lowered(gold)), f"{f1(text, gold):.6f}"]


# Pairs of mathematical answers.

def kind(answer):
    if re.fullmatch(r"-?\d+", answer): return "integer"
    if "matrix" in answer: return "matrix"
    if "text{" in answer and not re.match(r"\\?[\d.]", answer): return "words"
    if re.match(r"(\\left)?\s*[(\[].*,", answer): return "tuple"
    if "," in answer and "!" not in answer and not re.search(r"\d,\d{3}", answer): return "list"
    if "pm" in answer: return "list"
    if re.search(r"[a-zA-Z]", re.sub(r"\\[a-z]+(\{ ?[a-z]+\})?|[ijk]\b", "", answer)): return "symbols"
    if "sqrt" in answer or "pi" in answer or "i" in re.sub(r"\\[a-z]+", "", answer): return "irrational"
    if "frac" in answer: return "fraction"
    return "number"


def read(answer):
    return parse("$" + answer + "$", extraction_config=[LatexExtractionConfig(), ExprExtractionConfig()], parsing_timeout=5)


def respelled(answer, rng):
    """Other spellings of the same value."""
    out = [("same", answer)]
    def add(name, text):
        if text != answer: out.append((name, text))
    add("dfrac", answer.replace("\\frac", "\\dfrac"))
    add("tfrac", answer.replace("\\frac", "\\tfrac"))
    add("slash", re.sub(r"\\d?frac\{(-?\d+)\}\{(\d+)\}", r"\1/\2", answer))
    add("unbraced", re.sub(r"\\frac\{(\d)\}\{(\d)\}", r"\\frac\1\2", answer))
    add("spaced", re.sub(r"([+\-,])", r" \1 ", answer.replace(" ", "")) if "text" not in answer and "box" not in answer and "begin" not in answer and "\\!" not in answer else answer)
    add("unspaced", re.sub(r"(?<![a-z]) ", "", answer) if "text" not in answer and "box" not in answer else answer)
    add("sized", answer.replace("(", "\\left(").replace(")", "\\right)") if "left" not in answer else answer.replace("\\left", "").replace("\\right", ""))
    add("bmatrix", answer.replace("pmatrix", "bmatrix"))
    add("plain", re.sub(r"\^\{?\\circ\}?|\\\$|\\!|\s*\\(text|mbox)\{ ?(degrees|cm|cents|inches)\}(\^2)?", "", answer))
    add("words", re.sub(r"\\text\{([^}]*)\}", r"\1", answer))
    if re.fullmatch(r"-?\d+", answer):
        out += [("decimal", answer + ".0"), ("unit", answer + "\\text{ units}"), ("named", "x = " + answer)]
        if len(answer.lstrip("-")) > 3:
            out += [("commas", f"{int(answer):,}"), ("braced comma", f"{int(answer):,}".replace(",", "{,}"))]
    k = kind(answer)
    if k in ("fraction", "irrational", "symbols"):
        try:
            value = read(answer)[0]
            if isinstance(value, sympy.Expr) and k != "fraction":
                add("halved", "2 \\cdot \\left(" + sympy.latex(sympy.expand(value / 2)) + "\\right)")
            if isinstance(value, sympy.Expr):
                add("sympy", sympy.latex(value))
                add("expanded", sympy.latex(sympy.expand(value)))
                add("factored", sympy.latex(sympy.factor(value)))
                add("shifted", sympy.latex(sympy.Add(value, 1, evaluate=False)) + " - 1")
                if isinstance(value, sympy.Rational) and value.q > 1:
                    whole, rest = divmod(abs(value.p), value.q)
                    if whole: add("mixed", ("-" if value < 0 else "") + f"{whole}\\frac{{{rest}}}{{{value.q}}}")
                    if value.q in (2, 4, 5, 8, 10, 16, 20, 25, 100, 1000): add("decimal", str(float(value)))
        except Exception:
            pass
    if k == "list" and "pm" not in answer and "{" not in answer:
        add("reordered", ", ".join(reversed(answer.split(","))))
    if k == "list" and "pm" in answer and "{" not in answer.split("\\pm")[0]:
        a, b = answer.split("\\pm")
        add("signs", f"{a} + {b}, {a} - {b}")
    return out


def perturbed(answer, rng):
    """Answers of another value, or of a form that some graders refuse."""
    out = []
    digits = [m.start() for m in re.finditer(r"\d", answer)]
    for _ in range(2):
        if digits:
            i = rng.choice(digits)
            out.append(("digit", answer[:i] + str((int(answer[i]) + 1 + rng.randrange(8)) % 10) + answer[i + 1:]))
    out.append(("sign", answer[1:] if answer.startswith("-") else "-" + answer if kind(answer) in ("integer", "number", "fraction", "irrational") else answer.replace("+", "@").replace("-", "+").replace("@", "-")))
    k = kind(answer)
    if k == "tuple" and answer.startswith(("(", "\\left(", "[", "\\left[")):
        swap = str.maketrans("()[]", "[]()")
        out.append(("brackets", answer.translate(swap)))
        if "cup" not in answer:
            inside = re.sub(r"\\left|\\right", "", answer)[1:-1].split(",")
            out += [("swapped", "(" + ",".join(reversed(inside)) + ")"), ("shortened", "(" + ",".join(inside[:-1]) + ")"), ("bare", ",".join(inside))]
    if k == "list" and "pm" not in answer:
        out.append(("shortened", answer.rsplit(",", 1)[0]))
    m = re.fullmatch(r"\\frac\{(\d+)\}\{(\d+)\}", answer)
    if m and rng.random() < 0.5:
        n = rng.choice([2, 3, 10])
        out.append(("unreduced", f"\\frac{{{int(m[1]) * n}}}{{{int(m[2]) * n}}}"))
    if m:
        out += [("inverted", f"\\frac{{{m[2]}}}{{{m[1]}}}"), ("rounded", f"{int(m[1]) / int(m[2]):.3f}")]
    if k == "integer" and rng.random() < 0.12:
        n = int(answer)
        out.append(rng.choice([("unevaluated", f"\\frac{{{2 * n}}}{{2}}"), ("unevaluated", f"{n - 1} + 1"), ("unevaluated", f"\\sqrt{{{n * n}}}") if n >= 0 else ("unevaluated", f"{2 * n} / 2")]))
    if "_" in answer:
        out += [("base", answer.split("_")[0]), ("base", answer.split("_")[0] + "_7")]
    if k == "symbols":
        out.append(("plus one", answer + " + 1"))
    return [(n, t) for n, t in out if t != answer and t]


def pairs(golds, grade_school):
    by_kind = {}
    for gold in golds: by_kind.setdefault(kind(gold), []).append(gold)
    for gold in dict.fromkeys(golds):
        k = kind(gold)
        spellings = respelled(gold, chance)
        yield from ((k + " " + name, text, gold) for name, text in (spellings if k != "integer" else chance.sample(spellings, min(2, len(spellings)))))
        others = sorted(set(by_kind[k]) - {gold})
        for other in chance.sample(others, min(2, len(others))): yield k + " other", other, gold
        wrong = perturbed(gold, chance)
        yield from ((k + " " + name, text, gold) for name, text in (wrong if k != "integer" else chance.sample(wrong, 2)))
    for gold in chance.sample(grade_school, 250):
        n = int(gold.replace(",", ""))
        right = [("bare", str(n)), ("commas", f"{n:,}"), ("dollars", f"\\${n:,}"), ("cents", f"\\${n}.00"), ("unit", f"{n} \\text{{ apples}}"), ("percent", f"{n}\\%"), ("named", f"x={n}")]
        wrong = [("off by one", str(n + 1)), ("sign", str(-n)), ("times ten", str(10 * n)), ("half", f"{n}.5"), ("other", chance.choice(grade_school))]
        for name, text in chance.sample(right, 2) + chance.sample(wrong, 2): yield "school " + name, text, gold


# Formulas that sympy made of each other.

def formula(depth):
    x, y, n = sympy.symbols("x y n")
    if depth == 0 or chance.random() < 0.15:
        return chance.choice([x, y, n, sympy.pi, sympy.I, sympy.Integer(chance.randrange(-4, 9)), sympy.Rational(chance.randrange(1, 9), chance.randrange(2, 7))])
    a, b = formula(depth - 1), formula(depth - 1)
    return chance.choice([lambda: a + b, lambda: a - b, lambda: a * b, lambda: a / b, lambda: a ** chance.randrange(-2, 4), lambda: sympy.sqrt(a), lambda: sympy.exp(a), lambda: sympy.sin(a), lambda: sympy.cos(a), lambda: sympy.tan(a), lambda: sympy.log(a) + b, lambda: sympy.Abs(a) * b, lambda: sympy.root(a, 3)])()


def value_at(f, point):
    return complex(f.subs(dict(zip(sympy.symbols("x y n"), point))).evalf(30))


def formulas():
    changes = [sympy.expand, sympy.factor, sympy.together, sympy.cancel, sympy.trigsimp, sympy.expand_trig, lambda f: f.rewrite(sympy.cos) if f.has(sympy.sin) else f + 1 - 1, lambda f: sympy.expand((f + 3) * (f - 1)) - f ** 2 - f + 3]
    count = 0
    while count < 400:
        try:
            f = formula(3)
            g = chance.choice(changes)(f)
            is_equal = count % 2 == 0
            if not is_equal:
                atoms = [a for a in sympy.preorder_traversal(g) if a.is_Symbol or (a.is_Rational and a not in (0, 1, -1))]
                if not atoms: continue
                a = chance.choice(atoms)
                g = g.subs(a, chance.choice([a + 1, -a, 2 * a]))
            # Where sympy's values at a point do not bear out what was made, or the formula is numeric noise or a plain number, draw again.
            # Nor where only the meaning of cube roots of negative numbers tells the two apart.
            real = lambda h: h.replace(lambda e: e.is_Pow and e.exp == sympy.Rational(1, 3), lambda e: sympy.sign(e.base) * sympy.Abs(e.base) ** e.exp)
            points = [(0.7, 1.9, 2.3), (1.4, 0.6, 1.1), (2.2, 1.3, 0.8)]
            left, right = [value_at(f, p) for p in points], [value_at(g, p) for p in points]
            close = [abs(a - b) <= 1e-10 * max(abs(a), abs(b)) for a, b in zip(left, right)]
            if not f.free_symbols or f.is_Symbol or any(abs(a) < 1e-8 or abs(a) > 1e12 for a in left) or any(c != is_equal for c in close): continue
            if not is_equal and all(abs(value_at(real(f), p) - value_at(real(g), p)) < 1e-10 for p in points): continue
            a, b = sympy.latex(f, ln_notation=True), sympy.latex(g, ln_notation=True)
            if a == b or len(a) + len(b) > 300: continue
            yield a, b, int(is_equal)
            count += 1
        except (TypeError, ValueError, ZeroDivisionError, OverflowError, AttributeError, sympy.PolynomialError):
            continue


def verdict(line, candidate, gold):
    try:
        answer = parse(WRAPPERS[line % 3] % candidate, parsing_timeout=5)
        return int(verify(read(gold), answer, timeout_seconds=5))
    except Exception:
        return 0


def main():
    golds = [x["answer"] for x in json.load(open(sys.argv[1]))]
    grade_school = [json.loads(line)["answer"].split("####")[1].strip() for line in open(sys.argv[2])]
    with open(HERE / "grader-texts.tsv", "w") as f:
        for row in texts(): print(*row, sep="\t", file=f)
    seen = list(dict.fromkeys(pairs(golds, grade_school)))
    with open(HERE / "grader-pairs.tsv", "w") as f:
        for line, (name, candidate, gold) in enumerate(seen):
            print(name, candidate, gold, verdict(line, candidate, gold), sep="\t", file=f)
    print(len(seen), "pairs")
    with open(HERE / "grader-formulas.tsv", "w") as f:
        for row in formulas(): print(*row, sep="\t", file=f)


main()
