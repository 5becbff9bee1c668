"""Guests' phones may be ten years old: guest.js keeps to ECMAScript 5, guest.css to what old browsers can skip."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
SCRIPT = (STATIC / "guest.js").read_text("utf-8")
STYLES = (STATIC / "guest.css").read_text("utf-8")

TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
      | (?P<regex>(?<=[(,=:!&|?;{}\n])\s*/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*)
      | (?P<word>[\w$]+)
      | (?P<sign>=>|\.\.\.|\?\.|\?\?|\*\*|\S)
      | (?P<space>\s+)""",
    re.VERBOSE | re.DOTALL,
)
YOUNG = {
    "a word": r"\b(?:let|const|class|extends|super|async|await|yield|import|export|of|static)\b",
    "a sign": r"=>|\.\.\.|\?\.|\?\?|\*\*|[`#@]",
    "a parameter with a default or a pattern": r"function (?:\w+ )?\( [^)]*[={[]",
    "a pattern": r"var [{[]",
    "a method without `function`": r"[{,] (?!(?:function|if|for|while|switch|catch)\b)\w+ \( [\w, ]*\) \{",
    "a property without a value": r"\( \{ (?:\w+ , )*\w+ \} \)",
    "a flag": r"/regex/[gim]*[dsuvy]",
}
"""What ECMAScript 5 does not know, in a script whose tokens stand one space apart."""

YOUNG_NAMES = {"Map", "Set", "Symbol", "Proxy", "fetch", "URL", "includes", "from", "assign", "entries", "closest"}


def spaced(script: str) -> str:
    """Its tokens, one space apart: of a string or regular expression only that there is one, of comments nothing."""
    found = [(str(m.lastgroup), m[0].strip()) for m in TOKEN.finditer(script)]
    told = {"string": lambda text: '""', "regex": lambda text: "/regex/" + text.rpartition("/")[2]}
    return " ".join(told.get(kind, str)(text) for kind, text in found if kind not in ("comment", "space"))


def young(script: str) -> list[str]:
    return [what for what, pattern in YOUNG.items() if re.search(pattern, spaced(script))]


def test_no_syntax_is_younger_than_the_phones() -> None:
    assert young(SCRIPT) == []


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
    assert young(line) == []


def test_every_object_that_it_names_was_there_in_2014() -> None:
    assert not set(spaced(SCRIPT).split()) & YOUNG_NAMES


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
