"""Files of labels that must be read."""

import gzip
import json

from tables.odd_file import (
    LINES,
    OBJECTS,
    ONE,
    PLAIN,
    SIMPLE,
    SIMPLE_CSV,
    changed,
    csv_of,
    line,
    right,
)

RIGHT = [
    right("plain.csv", PLAIN),
    right("bom.csv", "\ufeff" + PLAIN),
    right("crlf.csv", PLAIN.replace("1\n", "1\r\n").replace("large\n", "large\r\n")),
    right("cr.csv", changed(SIMPLE_CSV, end="\r"), SIMPLE),
    right("mixed-ends.csv", "prompt,mini,large\ra,1,1\r\nb,0,1\n", SIMPLE),
    right(
        "semicolon.csv",
        PLAIN.replace(",mini,", ";mini;")
        .replace(",0,", ";0;")
        .replace(",1,1", ";1;1")
        .replace(",0.5,", ";0.5;"),
    ),
    right("tab.tsv", changed(SIMPLE_CSV, comma="\t"), SIMPLE),
    right("tab.csv", changed(SIMPLE_CSV, comma="\t"), SIMPLE),
    right(
        "tab-with-commas.csv",
        "prompt\tmodel,mini\tmodel,large\na, b\t1\t0\n",
        (("a, b", 1.0, 0.0),),
        ("model,mini", "model,large"),
    ),
    right("bar.psv", changed(SIMPLE_CSV, comma="|"), SIMPLE),
    right("UPPER.CSV", PLAIN),
    right("UPPER.CSV.GZ", gzip.compress(PLAIN.encode())),
    right("Mixed.JsonL", LINES),
    right("lines.ndjson", LINES),
    right("lines.ndjson.gz", gzip.compress(LINES.encode())),
    right("bom.jsonl", "\ufeff" + LINES),
    right("crlf.jsonl", LINES.replace("\n", "\r\n")),
    right("cr.jsonl", LINES.replace("\n", "\r")),
    right("blank-lines.jsonl", "\n" + LINES.replace("\n", "\n\n") + "\n  \n"),
    right("array.json", json.dumps(OBJECTS)),
    right("pretty-array.json", json.dumps(OBJECTS, indent=2)),
    right("ARRAY.JSON.GZ", gzip.compress(json.dumps(OBJECTS).encode())),
    right("bom-array.json", "\ufeff" + json.dumps(OBJECTS)),
    right("lines.json", LINES),
    right("pretty-objects.json", "\n".join(json.dumps(row, indent=1) for row in OBJECTS)),
    right(
        "members.csv.gz", b"".join(gzip.compress(part.encode()) for part in PLAIN.partition("\n"))
    ),
    right("empty-member.csv.gz", gzip.compress(b"") + gzip.compress(PLAIN.encode())),
    right("padded.csv.gz", gzip.compress(PLAIN.encode()) + bytes(512)),
    right("packed.csv", gzip.compress(PLAIN.encode())),
    right("unpacked.csv.gz", PLAIN),
    right("no-ending", PLAIN),
    right("lines.log", LINES),
    right("array.dat", json.dumps(OBJECTS)),
    right("spaced-header.csv", PLAIN.replace("prompt,mini,large", " prompt ,\tmini, large ")),
    right(
        "spaced.csv",
        'prompt, mini, large\n"a, b", 1, 0\nc, 0, 1\n',
        (("a, b", 1.0, 0.0), ("c", 0.0, 1.0)),
    ),
    right("pandas-index.csv", ",prompt,mini,large\n0,a,1,1\n1,b,0,1\n", SIMPLE),
    right("pandas-again.csv", "Unnamed: 0,prompt,mini,large\n0,a,1,1\n1,b,0,1\n", SIMPLE),
    right(
        "pandas-twice.csv",
        "Unnamed: 0.1,Unnamed: 0,prompt,mini,large\n0,0,a,1,1\n1,1,b,0,1\n",
        SIMPLE,
    ),
    right("last-delimiter.csv", "prompt,mini,large,\na,1,1,\nb,0,1,\n", SIMPLE),
    right("excel-sep.csv", "sep=;\nprompt;mini;large\na;1;1\nb;0;1\n", SIMPLE),
    right("blank-rows.csv", "\nprompt,mini,large\n\na,1,1\n   \n\nb,0,1\n\n", SIMPLE),
    right("no-last-end.csv", SIMPLE_CSV.rstrip(), SIMPLE),
    right("all-quoted.csv", '"prompt","mini","large"\n"a","1","1"\n"b","0","1"\n', SIMPLE),
    right("numbers.csv", csv_of("a,1e0, 1 ", "b,.0,+1."), SIMPLE),
    right("number-texts.jsonl", line(prompt="a", mini="1", large="1.0"), ONE),
    right(
        "other-order.jsonl",
        line(large=1, prompt="a", mini=1) + line(prompt="b", mini=0, large=1),
        (("a", 1.0, 1.0), ("b", 1.0, 0.0)),
        ("large", "mini"),
    ),
    right(
        "late-subject.jsonl",
        line(prompt="a", mini=1, large=1) + line(prompt="b", mini=0, large=1, subject="s"),
        SIMPLE,
    ),
    right(
        "separators.jsonl",
        line(prompt="a\u2028b\u2029c\x85d\x1ee", mini=1, large=1),
        (("a\u2028b\u2029c\x85d\x1ee", 1.0, 1.0),),
    ),
    right("separators.csv", csv_of("a\u2028b\x85c\x0cd,1,1"), (("a\u2028b\x85c\x0cd", 1.0, 1.0),)),
    right("kept-ends.csv", csv_of('"a\r\nb\rc",1,1'), (("a\r\nb\rc", 1.0, 1.0),)),
    right("inner-quotes.csv", csv_of('what is "x"?,1,1'), (('what is "x"?', 1.0, 1.0),)),
    right(
        "scripts.csv", csv_of("שלום 👩‍👩‍👧 ｆｕｌｌ é,1,1"), (("שלום 👩‍👩‍👧 ｆｕｌｌ é", 1.0, 1.0),)
    ),
    right("suffix.csv", csv_of("a,1,1", "b,0,1", header="prompt,mini_score,large_score"), SIMPLE),
    right("empty-optional.csv", csv_of("a,1,1,,", header="prompt,mini,large,subject,weight"), ONE),
    right("short-optional.csv", csv_of("a,1,1", header="prompt,mini,large,subject"), ONE),
    right("megabyte.csv", csv_of(f'"{"word, " * 170_000}",1,1'), (("word, " * 170_000, 1.0, 1.0),)),
    right(
        "megabyte.jsonl",
        line(prompt="word\n" * 200_000, mini=1, large=1),
        (("word\n" * 200_000, 1.0, 1.0),),
    ),
    right(
        "lone-surrogate.jsonl",
        b'{"prompt": "a \\ud800", "mini": 1, "large": 1}\n',
        (("a \ud800", 1.0, 1.0),),
    ),
]
