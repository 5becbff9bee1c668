"""Guests' phones may be ten years old: static/guest.js keeps to ECMAScript 5, static/guest.css to what they skip well."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
SCRIPT = (STATIC / "guest.js").read_text("utf-8")
STYLES = (STATIC / "guest.css").read_text("utf-8")

TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
      | (?P<regex>(?<=[(,=:!&|?;{}\n])\s*/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/(?P<flags>[a-z]*))
      | (?P<number>0[xX][\da-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?)
      | (?P<word>[A-Za-z_$][\w$]*)
      | (?P<sign>=>|\.\.\.|\?\.|\?\?|\*\*|[-+*/%&|^!=<>?:;,.(){}\[\]~]|\S)
      | (?P<space>\s+)""",
    re.VERBOSE | re.DOTALL,
)
YOUNG_WORDS = {"let", "const", "class", "extends", "super", "async", "await", "yield", "import", "export", "of", "static"}
YOUNG_SIGNS = {"=>", "...", "?.", "??", "**", "`", "#", "@"}
YOUNG_NAMES = {"Map", "Set", "Symbol", "Proxy", "fetch", "URL", "URLSearchParams", "includes", "from", "assign", "entries"}


def tokens(script: str) -> list[tuple[str, str]]:
    """Kind and text of each, but for comments and what is between them."""
    found = [(str(m.lastgroup if m.lastgroup != "flags" else "regex"), m[0].strip()) for m in TOKEN.finditer(script)]
    return [(kind, text) for kind, text in found if kind not in ("comment", "space")]


def young(script: str) -> set[str]:
    """What ECMAScript 5 does not know: words, signs, flags, shorthand, defaults, computed names, for-of."""
    all_tokens = tokens(script)
    texts = [text for kind, text in all_tokens if kind not in ("string", "regex")]
    found = {t for k, t in all_tokens if (k == "word" and t in YOUNG_WORDS) or (k == "sign" and t in YOUNG_SIGNS)}
    found |= {text for kind, text in all_tokens if kind == "regex" and re.search("[suy]+[a-z]*$|\\(\\?<", text)}
    found |= set(re.findall(r"function \w* ?\([^)]*[={\[]", " ".join(texts).replace(" (", "(")))  # defaults, patterns
    found |= set(re.findall(r"(?:[{,] )(?!(?:function|if|for|while|switch|catch)\b)\w+ \( [\w, ]*\) \{", " ".join(texts)))  # methods without `function`
    found |= set(re.findall(r"var [{\[]", " ".join(texts)))
    return found | set(re.findall(r"\{ (?:\w+ , )*\w+ \} \)", " ".join(texts)))


def test_no_syntax_is_younger_than_the_phones() -> None:
    assert young(SCRIPT) == set()


@pytest.mark.parametrize(
    "line",
    [
        "var f = (a) => a;",
        "let a = 1;",
        "const a = 1;",
        "var a = `x`;",
        "a?.b;",
        "a ?? b;",
        "f(...a);",
        "for (var a of b) {}",
        "async function f() {}",
        "class A {}",
        "function f(a = 1) {}",
        "function f({ a }) {}",
        "var { a } = b;",
        "var [a] = b;",
        "f({ a, b });",
        "var o = { f(a) { return a; } };",
        "a ** b;",
        'import "x";',
        "var r = /a/s;",
    ],
)
def test_the_test_would_see_it(line: str) -> None:
    assert young(line)


@pytest.mark.parametrize(
    "line",
    [
        '// => in a comment, and `so` on\nvar a = "=> let const `";',
        "var o = { f: function (a) { return a; } };",
        "f({ a: b, c: [d] });",
        "if (a) { b(); }",
        "var r = /let =>/i;",
        "o.prototype.f = function () { return this.a; };",
    ],
)
def test_what_is_old_passes(line: str) -> None:
    assert young(line) == set()


def test_every_object_that_it_names_was_there_in_2014() -> None:
    named = {text for kind, text in tokens(SCRIPT) if kind == "word"}
    assert not named & YOUNG_NAMES


def test_whatever_is_younger_is_asked_for_first() -> None:
    assert "if (!window.IntersectionObserver) return;" in SCRIPT
    assert "if (navigator.share)" in SCRIPT
    assert re.search(r"try \{\s*return navigator\.canShare", SCRIPT)


def test_styles_need_nothing_that_old_phones_choke_on() -> None:
    bare = re.sub(r"/\*.*?\*/", "", STYLES, flags=re.DOTALL)
    for selector in (":has(", ":is(", ":where(", "@layer", "@container", "@supports", "&"):
        assert selector not in bare, selector
    depth = max(bare[:n].count("{") - bare[:n].count("}") for n in range(0, len(bare), 20))
    assert depth <= 2  # a rule inside @media, and no rule inside a rule


@pytest.mark.parametrize("young_value", ["svh", "max(", "var(--ground)", "var(--text)"])
def test_a_younger_value_stands_behind_one_that_all_know(young_value: str) -> None:
    """An older browser drops the declaration that it does not know and keeps the one before."""
    first = next(rule for rule in STYLES.split("\n") if young_value in rule)
    name = re.findall(rf"([\w-]+): [^;]*{re.escape(young_value)}", first)[0]
    family = name.split("-")[0]
    assert len(re.findall(rf"(?<![\w-]){family}[\w-]*:", first)) >= 2
