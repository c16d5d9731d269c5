"""Odd price tables, candidates, configs and exports, made here; what each must give or say."""

import gzip
import json

from tables.odd_file import Odd, packed_workbook, right, wrong

PRICES = {"mini": 0.15, "large": 2.5}
TABLE = "model,price\nmini,0.15\nlarge,2.5\n"
NUMBER = "a number in [0, 1e+12] is needed, got "
HUGE = "9" * 400

PRICE_FILES = [
    right("p.json", json.dumps(PRICES)),
    right("pretty.json", json.dumps(PRICES, indent=2)),
    right("bom.json", "\ufeff" + json.dumps(PRICES)),
    right("P.JSON.GZ", gzip.compress(json.dumps(PRICES).encode())),
    right("p.csv", TABLE),
    right("bom.csv", "\ufeff" + TABLE),
    right("semicolon.csv", TABLE.replace(",", ";")),
    right("tab.tsv", TABLE.replace(",", "\t")),
    right("cr.csv", TABLE.replace("\n", "\r")),
    right("spaced.csv", "model, price, note\nmini , 0.15, x\nlarge, 2.5, y\n"),
    right("rows.json", json.dumps([{"model": m, "price": p} for m, p in PRICES.items()])),
    right(
        "rows.jsonl",
        "".join(json.dumps({"model": m, "price": p}) + "\n" for m, p in PRICES.items()),
    ),
    wrong("utf16.csv", TABLE.encode("utf-16"), "line 1: this is UTF-16; save it as UTF-8"),
    wrong(
        "latin1.csv", TABLE.replace("mini", "minü").encode("latin-1"), "line 2, column 4: byte 0xfc"
    ),
    wrong("list.json", "[1]", "line 1: an object"),
    wrong("text.json", '"mini"', "line 1: an object"),
    wrong("cut.json", "{", "line 1, column 2: this is no JSON"),
    wrong("dear.json", '{"mini": "dear"}', f"line 1, column mini: {NUMBER}'dear'"),
    wrong("true.json", '{"mini": true}', f"line 1, column mini: {NUMBER}true"),
    wrong("negative.json", '{"mini": -1}', f"line 1, column mini: {NUMBER}-1"),
    wrong(
        "comma.csv", "model;price\nmini;0,15\n", f"line 2, column price: {NUMBER}'0,15'; write 0.15"
    ),
    wrong("money.csv", "model,price\nmini,$0.15\n", f"line 2, column price: {NUMBER}'$0.15'"),
    wrong("digits.json", '{"mini": ' + HUGE + "}", "line 1, column 10: a number of 400 digits"),
    wrong("digits.csv", f"model,price\nmini,{HUGE}\n", f"line 2, column price: {NUMBER}'999"),
    wrong("nan.json", '{"mini": NaN}', "line 1, column 10: NaN is not a number of JSON"),
    wrong("twice.csv", TABLE + "mini,3\n", "line 4, column model: mini has a price already"),
    wrong("twice.json", '{"mini": 1, "mini": 2}', "a name occurs twice in one object: 'mini'"),
    wrong("columns.csv", "name,price\nmini,1\n", "line 1: no column model among name, price"),
    wrong("no-price.csv", "model,price\nmini\n", f"line 2, column price: {NUMBER}nothing"),
    wrong("lacks.json", '{"mini": 1}', "the price table has no large"),
    wrong("empty.json", "", "no prices"),
    wrong("empty.csv", "", "it is empty; a header and rows are needed"),
    wrong("page.json", "<!doctype html>", "line 1: this is an HTML page"),
    wrong(
        "pointer.csv", "version https://git-lfs.github.com/spec/v1\n", "this is a Git LFS pointer"
    ),
    wrong("workbook.csv", packed_workbook(), "this is a zip archive or an Excel workbook"),
]

CANDIDATE = {"id": "city", "text": "the city", "created_at": 0, "success_rate": 0.5}


def candidates(**changed):
    row = {k: v for k, v in {**CANDIDATE, "id": "proof", **changed}.items() if v is not None}
    return json.dumps([CANDIDATE, row], indent=1)


AT = "line 8: candidate 1: "
CANDIDATE_FILES = [
    right("c.json", candidates()),
    right("bom.json", "\ufeff" + candidates()),
    right("C.JSON.GZ", gzip.compress(candidates().encode())),
    right("c.jsonl", "".join(json.dumps({**CANDIDATE, "id": i}) + "\n" for i in ("city", "proof"))),
    right("cr.json", candidates().replace("\n", "\r")),
    wrong("utf16.json", candidates().encode("utf-16"), "line 1: this is UTF-16; save it as UTF-8"),
    wrong(
        "latin1.json", candidates(text="Größe").encode().replace(b"\\u00f6", b"\xf6"), "byte 0xf6"
    ),
    wrong("cut.json", candidates()[:-3], "line 13, column "),
    wrong("object.json", '{"candidates": []}', "line 1: candidate 0: the fields are id, "),
    wrong("texts.json", '["city"]', "line 1: an object"),
    wrong("unknown.json", candidates(colour="red"), AT + "the fields are id, embedding, text"),
    wrong("no-id.json", candidates(id=None), AT + "the fields are id"),
    wrong(
        "number-id.json",
        candidates(id=7),
        AT + "id: a text of 1 to 200 characters is needed, got 7",
    ),
    wrong("millis.json", candidates(created_at=1_790_000_000_000), "created_at: seconds"),
    wrong(
        "digits.json",
        candidates(created_at=0).replace(
            'at": 0,\n  "success_rate": 0.5\n }\n]', 'at": ' + HUGE + "\n }\n]"
        ),
        "a number of 400 digits is too large",
    ),
    wrong(
        "digits-300.json", candidates(access_count=10**299), AT + "candidate 'proof': access_count"
    ),
    wrong("digits-250.json", candidates(created_at=10**249), AT + "candidate 'proof': created_at"),
    wrong(
        "rate.json",
        candidates(success_rate=1.5),
        AT + "candidate 'proof': success_rate: a number in",
    ),
    wrong(
        "nested.json",
        candidates(metadata={"a": {"b": "c"}}),
        AT + "candidate 'proof': metadata['a']",
    ),
    wrong(
        "matrix.json",
        candidates(text=None, embedding=[[1.0, 0.0]]),
        "embedding[0]: a number is needed",
    ),
    wrong(
        "nan.json", candidates().replace("0.5\n }\n]", "NaN\n }\n]"), "NaN is not a number of JSON"
    ),
    wrong("c.csv", "id,text,created_at,success_rate\na,b,0,1\n", "line 1: an array of JSON"),
    wrong("deep.json", "[" * 3000, "nested deeper than 17"),
    wrong("page.json", "<html>", "line 1: this is an HTML page"),
    wrong(
        "pointer.json", "version https://git-lfs.github.com/spec/v1\n", "this is a Git LFS pointer"
    ),
]

CONFIG = "anonymous = true\n" + "".join(
    f'[[upstreams]]\nname = "{n}"\nserves = "{s}"\nbase_url = "http://{n}"\nmodel = "m"\n'
    for n, s in (("a", "light"), ("b", "powerful"))
)
SETTINGS = {
    "anonymous": True,
    "upstreams": [
        {"name": n, "serves": s, "base_url": f"http://{n}", "model": "m"}
        for n, s in (("a", "light"), ("b", "powerful"))
    ],
}


def settings(**changed):
    return json.dumps({**SETTINGS, **changed}, indent=1)


CONFIG_FILES = [
    right("g.toml", CONFIG),
    right("bom.toml", "\ufeff" + CONFIG),
    right("crlf.toml", CONFIG.replace("\n", "\r\n")),
    right("g.json", settings()),
    right("G.JSON", "\ufeff" + settings()),
    wrong("utf16.toml", CONFIG.encode("utf-16"), "line 1: this is UTF-16; save it as UTF-8"),
    wrong("latin1.toml", ("# Größe\n" + CONFIG).encode("latin-1"), "line 1: this is not UTF-8"),
    wrong("zero.toml", CONFIG + "\0", "not TOML"),
    wrong("cut.toml", CONFIG + "[limits", "not TOML"),
    wrong("twice.toml", CONFIG + "anonymous = true\nname = 1\n", "not TOML"),
    wrong("empty.toml", "", "upstreams"),
    wrong(
        "digits.toml",
        f"{CONFIG}[limits]\nretries = {HUGE}\n",
        "limits.retries: a whole number from",
    ),
    wrong(
        "digits-real.toml", f"{CONFIG}[limits]\nbody_s = {HUGE}\n", "limits.body_s: a number from"
    ),
    wrong("digits-5000.toml", f"{CONFIG}[limits]\nretries = {'9' * 5000}\n", "digits"),
    wrong("digits-price.toml", f"{CONFIG}price_in = {HUGE}\nprice_out = 1\n", "price_in"),
    wrong("digits-breaker.toml", f"{CONFIG}[breaker]\nopen_s = {HUGE}\n", "breaker."),
    wrong("inf.toml", f"{CONFIG}[limits]\nbody_s = inf\n", "limits.body_s: a number from"),
    wrong("deep.toml", CONFIG + "x = " + "[" * 3000 + "]" * 3000, "toml"),
    wrong(
        "digits.json",
        settings(limits={"retries": 10**399}),
        "a number of 400 digits is too large (line ",
    ),
    wrong("digits-5000.json", settings(x=0).replace('"x": 0', '"x": ' + "9" * 5000), "digits"),
    wrong("twice.json", '{"anonymous": false, ' + settings()[1:], "twice"),
    wrong("nan.json", settings(limits={"body_s": float("nan")}), "NaN"),
    wrong("deep.json", "[" * 3000, "nested deeper"),
    wrong("list.json", "[]", "a JSON object is needed"),
    wrong("page.toml", "<!doctype html>", "this is an HTML page"),
    wrong(
        "pointer.json", "version https://git-lfs.github.com/spec/v1\n", "this is a Git LFS pointer"
    ),
    wrong("workbook.json", packed_workbook(), "this is a zip archive or an Excel workbook"),
]

OTHERS = [
    wrong("pointer", "version https://git-lfs.github.com/spec/v1\n", "this is a Git LFS pointer"),
    wrong("page", "<html>", "this is an HTML page, not the file itself; a bundle is needed"),
    wrong("labels", "prompt,mini,large\n", "header: length"),
    wrong("packed", gzip.compress(b"x" * 99), "this is a gzip file; a bundle is needed"),
    wrong("workbook", packed_workbook(), "this is a zip archive"),
    wrong("short", "x", "too short for a header length"),
    wrong("none", "", "0 bytes, too short"),
]
"""In place of a bundle."""


def names(files: list[Odd]) -> list[str]:
    return [odd.name for odd in files]
