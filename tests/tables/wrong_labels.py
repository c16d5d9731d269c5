"""Files of labels that must be refused by name."""

import gzip
import json
import zlib

from tables.odd_file import (
    HUGE,
    LINES,
    OBJECTS,
    PLAIN,
    SIMPLE_CSV,
    bundle_like,
    csv_of,
    damaged,
    line,
    lines_packed,
    packed_workbook,
    wrong,
)

SAVE = "save it as UTF-8"
NEEDED = "a number in [0, 1] is needed, got "
AB = ("a", "b")
WRONG = [
    # Encodings.
    wrong("utf16.csv", PLAIN.encode("utf-16"), f"line 1: this is UTF-16; {SAVE}"),
    wrong(
        "utf16-be.csv", b"\xfe\xff" + PLAIN.encode("utf-16-be"), f"line 1: this is UTF-16; {SAVE}"
    ),
    wrong("utf16-no-mark.csv", PLAIN.encode("utf-16-le"), f"line 1: this is UTF-16; {SAVE}"),
    wrong("utf16.jsonl", LINES.encode("utf-16"), f"line 1: this is UTF-16; {SAVE}"),
    wrong("utf32.csv", PLAIN.encode("utf-32"), f"line 1: this is UTF-32; {SAVE}"),
    wrong("utf16.csv.gz", gzip.compress(PLAIN.encode("utf-16")), f"line 1: this is UTF-16; {SAVE}"),
    wrong(
        "latin1.csv",
        PLAIN.encode("latin-1"),
        "line 5, column 3: byte 0xf6 is not UTF-8 (Latin-1 or Windows-1252?); save the file as",
    ),
    wrong("latin1.jsonl", LINES.encode("latin-1"), "line 3, column 15: byte 0xf6 is not UTF-8"),
    wrong(
        "cp1252.csv",
        csv_of("a,1,1", "“b”,0,1").encode("cp1252"),
        "line 3, column 1: byte 0x93 is not UTF-8",
    ),
    wrong("cut-character.csv", PLAIN.encode()[:-8] + b"\xc3", "line 5, column 6: byte 0xc3 is not"),
    wrong(
        "surrogate-bytes.csv",
        b"prompt,mini,large\n\xed\xa0\x80,1,1\n",
        "line 2, column 1: byte 0xed is not UTF-8",
    ),
    wrong("zero.csv", "prompt,mini,large\na,1,1\nb\0c,0,1\n", "line 3, column 2: a zero byte"),
    wrong(
        "zero.jsonl", line(prompt="a", mini=1, large=1) + "\0\n", "line 2, column 1: a zero byte"
    ),
    # Structure of CSV.
    wrong(
        "unclosed.csv",
        csv_of("a,1,1", '"b,0,1', "c,1,1"),
        "line 3, column prompt: the quote that opens this field is not closed before the file",
    ),
    wrong("unclosed-last.csv", csv_of('a,1,"1'), "line 2, column large: the quote that opens"),
    wrong(
        "stray-quote.csv",
        csv_of('"a "b" c",1,1'),
        "line 2, column prompt: the quote that opens this field ends inside it; double quotes",
    ),
    wrong(
        "unquoted-comma.csv",
        csv_of("a,1,1", "b, or not,0,1"),
        "line 3, column 4: 4 fields, the header has 3; quote values that hold a comma",
        ("a",),
    ),
    wrong(
        "unquoted-semicolon.csv",
        "prompt;mini;large\na; b;1;1\n",
        "line 2, column 4: 4 fields, the header has 3; quote values that hold a semicolon",
        (),
    ),
    wrong(
        "beyond.csv",
        csv_of("a,1,1,", "b,0,1,x", header="prompt,mini,large,"),
        "line 3, column 4: 4 fields, the header has 3",
        ("a",),
    ),
    wrong("too-few.csv", csv_of("a,1,1", "b,0"), f"line 3, column large: {NEEDED}nothing", AB),
    wrong("bare-cr.csv", csv_of("a\rb,1,1"), f"line 2, column mini: {NEEDED}nothing", AB),
    wrong(
        "over-limit.csv", csv_of("a,1,1", f"{'x' * HUGE},0,1"), "line 3: more than 16,777,216 char"
    ),
    wrong(
        "over-limit-lines.csv",
        csv_of("a,1,1", '"' + "x\n" * (HUGE // 2 + 9)),
        "line 3, column prompt: a field of more than 16,777,216 characters; is a quote not closed?",
    ),
    wrong("over-limit.jsonl", line(prompt="x" * HUGE), "line 1: more than 16,777,216 characters"),
    # Headers.
    wrong("empty.csv", "", "it is empty; a header and rows are needed"),
    wrong("empty.jsonl", "", "there are no rows", ()),
    wrong("empty.json", "", "there are no rows", ()),
    wrong("empty-array.json", "[]", "there are no rows", ()),
    wrong("only-bom.csv", "\ufeff", "it is empty; a header and rows are needed"),
    wrong("only-spaces.csv", " \n \n", "it is empty; a header and rows are needed"),
    wrong("empty.csv.gz", gzip.compress(b""), "it is empty; a header and rows are needed"),
    wrong("only-header.csv", "prompt,mini,large\n", "there are no rows", ()),
    wrong(
        "no-prompt.csv",
        csv_of("a,1,1", header="text,mini,large"),
        "line 1: no column prompt among text, mini, large",
    ),
    wrong(
        "capital.csv",
        csv_of("a,1,1", header="Prompt,mini,large"),
        "line 1: no column prompt among Prompt, mini, large; name it prompt, not Prompt",
    ),
    wrong("no-header.csv", "What is it?,1,1\n", "line 1: no column prompt among What is it?, 1, 1"),
    wrong(
        "twice.csv",
        csv_of("a,1,1,0", header="prompt,mini,large,mini"),
        "line 1, column mini: the header has this column twice (fields 2 and 4)",
    ),
    wrong(
        "twice-spaced.csv",
        csv_of("a,1,1,0", header="prompt,mini,large, mini"),
        "line 1, column mini: the header has this column twice (fields 2 and 4)",
    ),
    wrong(
        "prompt-twice.csv",
        csv_of("a,b,1,1", header="prompt,prompt,mini,large"),
        "line 1, column prompt: the header has this column twice (fields 1 and 2)",
    ),
    wrong(
        "model-twice.csv",
        csv_of("a,1,1,0", header="prompt,mini,large,mini_score"),
        "line 1: columns mini and mini_score are both of the model mini",
        ("a",),
    ),
    wrong(
        "model-twice.jsonl",
        line(prompt="a", mini=1, large=1, large_score=0),
        "columns large and large_score are both of the model large",
        ("a",),
    ),
    wrong("one-model.csv", "prompt,mini\na,1\n", "line 1: 1 score columns (mini); 2 to 16", ("a",)),
    wrong(
        "many-models.csv",
        csv_of("a" + ",1" * 17, header="prompt" + "".join(f",m{i}" for i in range(17))),
        "line 1: 17 score columns",
        ("a",),
    ),
    wrong(
        "long-name.csv",
        csv_of("a,1,1", header=f"prompt,{'m' * 101},large"),
        "a model's name has 1 to 100 printable characters",
        ("a",),
    ),
    wrong(
        "tab-name.jsonl",
        line(**{"prompt": "a", "mi\tni": 1, "large": 1}),
        "column 'mi\\tni': a model's name has 1 to 100 printable characters",
        ("a",),
    ),
    wrong("lines.csv", LINES, "line 1: this looks like JSON, not like a header"),
    # Values.
    wrong("true.csv", csv_of("a,true,1"), f"line 2, column mini: {NEEDED}'true'; write 1", ("a",)),
    wrong(
        "true.jsonl",
        line(prompt="a", mini=True, large=1),
        f"line 1, column mini: {NEEDED}true; write 1",
        ("a",),
    ),
    wrong("yes.csv", csv_of("a,1,Yes", "b,0,1"), f"column large: {NEEDED}'Yes'; write 1", AB),
    wrong("no.csv", csv_of("a,no,1"), f"line 2, column mini: {NEEDED}'no'; write 0", ("a",)),
    wrong("percent.csv", csv_of("a,85 %,1"), f"column mini: {NEEDED}'85 %'; write 0.85", ("a",)),
    wrong("percent-comma.csv", "prompt;mini;large\na;85,5%;1\n", "'85,5%'; write 0.855", ("a",)),
    wrong("decimal-comma.csv", "prompt;mini;large\na;0,5;1\n", "'0,5'; write 0.5", ("a",)),
    wrong("above.csv", csv_of("a,1,1.5"), f"line 2, column large: {NEEDED}'1.5'", ("a",)),
    wrong("below.csv", csv_of("a,-0.1,1"), f"line 2, column mini: {NEEDED}'-0.1'", ("a",)),
    wrong("underscore.csv", csv_of("a,0_1,1"), f"line 2, column mini: {NEEDED}'0_1'", ("a",)),
    wrong("other-digits.csv", csv_of("a,١,1"), f"line 2, column mini: {NEEDED}'١'", ("a",)),
    wrong("nan.csv", csv_of("a,nan,1"), f"line 2, column mini: {NEEDED}'nan'", ("a",)),
    wrong(
        "nan.jsonl",
        '{"prompt": "a", "mini": NaN, "large": 1}\n',
        "line 1, column 25: NaN is not a number of JSON",
        (),
    ),
    wrong(
        "infinity.json",
        '[{"prompt": "a", "mini": -Infinity}]',
        "line 1, column 26: -Infinity is not a number of JSON",
    ),
    wrong(
        "digits-400.csv", csv_of(f"a,{'9' * 400},1"), f"line 2, column mini: {NEEDED}'999", ("a",)
    ),
    wrong(
        "digits-400.jsonl",
        '{"prompt": "a", "mini": ' + "9" * 400 + "}\n",
        "line 1, column 25: a number of 400 digits is too large",
        (),
    ),
    wrong(
        "digits-200.jsonl",
        '{"prompt": "a", "mini": ' + "9" * 200 + ', "large": 1}\n',
        f"line 1, column mini: {NEEDED}999",
        ("a",),
    ),
    wrong(
        "digits-5000.json",
        '[{"prompt": "a", "mini": ' + "9" * 5000 + "}]",
        "line 1, column 26: a number of 5000 digits is too large",
    ),
    wrong(
        "weight-digits.csv",
        csv_of(f"a,1,1,{'9' * 400}", header="prompt,mini,large,weight"),
        "line 2, column weight: a number in [0, 1e+06] is needed, got '999",
        ("a",),
    ),
    wrong(
        "too-large.jsonl",
        '{"prompt": "a", "mini": 1e400}\n',
        "line 1, column 25: 1e400 is too large a number",
        (),
    ),
    wrong(
        "weight.csv",
        csv_of("a,1,1,-1", header="prompt,mini,large,weight"),
        "line 2, column weight: a number in [0, 1e+06] is needed, got '-1'",
        ("a",),
    ),
    wrong("no-text.csv", csv_of(" ,1,1"), "line 2, column prompt: it is empty; a text", (" ",)),
    wrong(
        "number-prompt.jsonl",
        line(prompt=7, mini=1, large=1),
        "line 1, column prompt: a text is needed, got 7",
        (),
    ),
    wrong(
        "null-prompt.json",
        json.dumps([{"prompt": None, "mini": 1, "large": 1}], indent=1),
        "line 2, column prompt: a text is needed, got nothing",
        (),
    ),
    wrong(
        "chat-prompt.jsonl",
        line(prompt=[{"role": "user"}], mini=1, large=1),
        "line 1, column prompt: a text is needed, got a list",
        (),
    ),
    wrong(
        "columnar.json",
        json.dumps({"prompt": {"0": "a"}, "mini": {"0": 1}, "large": {"0": 1}}),
        "line 1, column prompt: a text is needed, got an object",
        (),
    ),
    wrong(
        "extra-text.jsonl",
        line(prompt="a", mini=1, large=1, note="seen"),
        f"line 1, column note: {NEEDED}'seen'",
        ("a",),
    ),
    # Structure of JSON.
    wrong(
        "lacks-first.jsonl",
        line(prompt="a", mini=1) + line(prompt="b", mini=0, large=1),
        f"line 1, column large: {NEEDED}nothing",
        AB,
    ),
    wrong(
        "lacks-later.jsonl",
        line(prompt="a", mini=1, large=1) + line(prompt="b", mini=0),
        f"line 2, column large: {NEEDED}nothing",
        AB,
    ),
    wrong(
        "lacks-prompt.jsonl",
        line(prompt="a", mini=1, large=1) + line(mini=0, large=1),
        "line 2, column prompt: a text is needed, got nothing",
        ("a",),
    ),
    wrong(
        "not-json.jsonl",
        line(prompt="a", mini=1, large=1) + "{'prompt': 'b'}\n",
        "line 2, column 2: this is no JSON",
        ("a",),
    ),
    wrong(
        "last-comma.jsonl",
        '{"prompt": "a", "mini": 1, "large": 1,}\n',
        "line 1, column 38: this is no JSON",
        (),
    ),
    wrong(
        "comment.jsonl",
        "# rows\n" + line(prompt="a", mini=1, large=1),
        "line 1, column 1: this is no JSON",
        ("a",),
    ),
    wrong(
        "two-a-line.jsonl",
        LINES.splitlines()[0] * 2 + "\n",
        "line 1, column 56: Extra data after the value",
        (),
    ),
    wrong("csv.jsonl", SIMPLE_CSV, "line 1, column 1: this is no JSON", ()),
    wrong("array.jsonl", json.dumps(OBJECTS, indent=1), "this is no JSON; an object such as", ()),
    wrong(
        "name-twice.jsonl",
        '{"prompt": "a", "mini": 1, "mini": 0, "large": 1}\n',
        "a name occurs twice in one object: 'mini'",
        (),
    ),
    wrong(
        "deep.jsonl",
        '{"prompt": "a", "x": ' + "[" * 5000 + "]" * 5000 + "}\n",
        "line 1: nested deeper than 16",
        (),
    ),
    wrong("deep.json", "[" * 5000 + "]" * 5000, "nested deeper than 17"),
    wrong("arrays.json", '[["prompt", 1, 0]]', "line 1: an object", ()),
    wrong("numbers.jsonl", "1\n2\n", "line 1: an object", ()),
    wrong(
        "array-comma.json",
        '[{"prompt": "a", "mini": 1, "large": 1},\n]',
        "line 2, column 1: an object is needed after the comma",
    ),
    wrong("array-cut.json", json.dumps(OBJECTS)[:-1], "a comma or the end of the array is needed"),
    wrong(
        "array-cut-inside.json",
        json.dumps(OBJECTS, indent=1)[:60],
        "line 5, column 11: this is no JSON",
    ),
    wrong("after-array.json", json.dumps(OBJECTS) + "\n{}", "line 2, column 1: nothing may follow"),
    wrong(
        "no-commas.json",
        '[{"prompt": "a"}\n {"prompt": "b"}]',
        "line 2, column 2: a comma or the end",
    ),
    # Packing.
    wrong("damaged.jsonl.gz", damaged(), "the gzip data are damaged"),
    wrong(
        "cut.jsonl.gz",
        lines_packed()[:-900],
        "the gzip data end too early: the file was cut",
    ),
    wrong("cut-head.csv.gz", gzip.compress(PLAIN.encode())[:7], "the gzip data end too early"),
    wrong("crc.csv.gz", gzip.compress(PLAIN.encode())[:-8] + bytes(8), "the gzip data are damaged"),
    wrong(
        "garbage.csv.gz", gzip.compress(PLAIN.encode()) + b"garbage", "the gzip data are damaged"
    ),
    wrong(
        "twice.csv.gz", gzip.compress(gzip.compress(PLAIN.encode())), "line 1: this is a gzip file"
    ),
    wrong("zeros.csv.gz", gzip.compress(bytes(60 << 20)), "line 1"),
    wrong(
        "one-line.csv.gz",
        gzip.compress(b"prompt,mini,large\n" + b"x" * (60 << 20)),
        "line 2: more than 16,777,216 characters",
    ),
    wrong("zlib.csv.gz", zlib.compress(PLAIN.encode()), "is not UTF-8"),
    # Other files in its place.
    wrong(
        "pointer.csv",
        "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
        "line 1: this is a Git LFS pointer, not the file itself",
    ),
    wrong(
        "page.csv", "\n<!DOCTYPE html><html><body>404</body></html>", "line 1: this is an HTML page"
    ),
    wrong("page.jsonl", "<html lang=en>", "line 1: this is an HTML page, not the file itself"),
    wrong("feed.xml", '<?xml version="1.0"?><x/>', "line 1: this is an XML file"),
    wrong("workbook.csv", packed_workbook(), "line 1: this is a zip archive or an Excel workbook"),
    wrong(
        "old-workbook.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "an old Excel workbook"
    ),
    wrong("table.parquet", b"PAR1" + bytes(99), "line 1: this is a Parquet file"),
    wrong("history.csv", b"SQLite format 3\0" + bytes(99), "line 1: this is a SQLite database"),
    wrong("paper.csv", b"%PDF-1.7\n", "line 1: this is a PDF"),
    wrong("packed.csv.zst", b"(\xb5/\xfd" + bytes(9), "line 1: this is a zstd file"),
    wrong("packed.csv.bz2", b"BZh91AY&SY", "line 1: this is a bzip2 file"),
    wrong("mine.safetensors", bundle_like(), "line 1: this is a bundle"),
]
