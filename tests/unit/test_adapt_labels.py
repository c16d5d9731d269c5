"""Reading labels of one's own: what is taken, and what every refusal says."""

import gzip
import json

import pytest

from tiny_dancer import InvalidInputError
from tiny_dancer.adapt import read_labels, read_prices
from tiny_dancer.adapt.labels import order_warning

FOUR = (
    "prompt,tiny,mini_score,large,subject,weight\n"
    '"Two lines,\nquoted",0,1,0.5,maths,2\n'
    "plain,1,1,1,,\n"
)


@pytest.fixture
def write(tmp_path):
    def save(text, name="l.csv"):
        path = tmp_path / name
        raw = text if isinstance(text, bytes) else text.encode()
        path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        return path

    return save


def refusal(path, **options):
    with pytest.raises(InvalidInputError) as caught:
        read_labels(path, **options)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


def test_columns_are_models_in_their_order(write):
    labels = read_labels(write(FOUR))
    assert labels.models == ("tiny", "mini", "large")
    assert labels.prompts == ("Two lines,\nquoted", "plain")
    assert labels.quality == ((0, 1, 0.5), (1, 1, 1))
    assert labels.subjects == ("maths", "")
    assert labels.weights == (2, 1)


def test_weak_and_strong_are_light_and_powerful(write):
    labels = read_labels(write("weak_score,strong_score,prompt\n0,1,x\n"))
    assert labels.models == ("light", "powerful")


def test_a_price_table_sorts_the_models(write):
    prices = {"tiny": 3, "mini": 1, "large": 2, "other": 0}
    labels = read_labels(write(FOUR), prices=prices)
    assert labels.models == ("mini", "large", "tiny")
    assert labels.quality[0] == (1, 0.5, 0)
    assert "price table has no mini" in refusal(write(FOUR), prices={"tiny": 1})


@pytest.mark.parametrize(
    ("name", "text"), [("p.json", '{"a": 0.5, "b": 2}'), ("p.csv", "model,price\na,0.5\nb,2\n")]
)
def test_price_tables_are_json_or_csv(write, name, text):
    assert read_prices(write(text, name)) == {"a": 0.5, "b": 2}


@pytest.mark.parametrize("text", ["[1]", "{", '{"a": "dear"}', '{"a": -1}'])
def test_a_bad_price_table_is_refused(write, text):
    with pytest.raises(InvalidInputError, match=r"p\.json: "):
        read_prices(write(text, "p.json"))


def test_models_may_be_chosen(write):
    labels = read_labels(write(FOUR), models=["large", "tiny"])
    assert labels.quality == ((0.5, 0), (1, 1))
    assert "no score column of x; there are tiny, mini, large" in refusal(
        write(FOUR), models=["x", "tiny"]
    )


def test_gzip_and_jsonl_give_the_same(write):
    rows = [
        {"prompt": "Two lines,\nquoted", "tiny": 0, "mini_score": 1, "large": 0.5, "weight": 2},
        {"prompt": "plain", "tiny": 1, "mini_score": 1, "large": 1},
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    plain = read_labels(write(FOUR))
    assert read_labels(write(FOUR, "l.csv.gz")).quality == plain.quality
    for name in ("l.jsonl", "l.jsonl.gz"):
        labels = read_labels(write(lines, name))
        assert (labels.quality, labels.weights) == (plain.quality, plain.weights)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "prompt,a,b\nx,0,1\ny,0,1.5\n",
            "line 3, column b: a number in [0, 1] is needed, got '1.5'",
        ),
        ("prompt,a,b\nx,0,good\n", "line 2, column b: a number in [0, 1] is needed, got 'good'"),
        ("prompt,a,b\nx,nan,1\n", "line 2, column a: a number in [0, 1] is needed, got 'nan'"),
        ("prompt,a,b\nx,0\n", "line 2, column b: a number in [0, 1] is needed, got nothing"),
        ("prompt,a,b\n  ,0,1\n", "line 2, column prompt: it is empty; a text is needed"),
        (
            "prompt,a,b\nx, y,0,1\n",
            "line 2, column 4: 4 fields, the header has 3; quote values that hold a comma",
        ),
        (
            "prompt,a,b,weight\nx,0,1,-1\n",
            "line 2, column weight: a number in [0, 1e+06] is needed, got '-1'",
        ),
        ("prompt,a\nx,0\n", "1 score columns (a); 2 to 16 are needed"),
        ("text,a,b\nx,0,1\n", "line 1: no column prompt among text, a, b"),
        ("prompt,a,b\n", "there are no rows"),
        ("", "it is empty; a header and rows are needed"),
        (b"prompt,a,b\nx,0,1\n\xff,0,1\n", "line 3, column 1: byte 0xff is not UTF-8"),
        (
            "prompt,a,b\nx,2,1\ny,3,1\nz,0,1\n",
            "line 2, column a: a number in [0, 1] is needed, got '2' (1 more rows are bad)",
        ),
    ],
)
def test_a_refusal_says_what_where_and_what_is_needed(write, text, message):
    assert message in refusal(write(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"prompt": "x", "a": 0, "b": 1}\n{', "line 2, column 2: this is no JSON"),
        ("[1]", "line 1: an object is needed"),
        ('{"a": 1}', "no column prom"),
    ],
)
def test_bad_jsonl_is_refused(write, text, message):
    assert message in refusal(write(text, "l.jsonl"))


def test_a_missing_file_is_refused(tmp_path):
    assert "No such file" in refusal(tmp_path / "none.csv")


def test_content_is_read_without_a_file(write):
    assert read_labels(FOUR.encode(), name="l.csv") == read_labels(write(FOUR))
    with pytest.raises(InvalidInputError, match=r"^dropped\.csv: line 1: no column prompt"):
        read_labels(b"text,a,b\nx,0,1\n", name="dropped.csv")


def test_a_model_named_twice_is_refused(write):
    with pytest.raises(InvalidInputError, match="models: tiny stands there twice"):
        read_labels(write(FOUR), models=["tiny", "large", "tiny"])


def test_spaces_around_chosen_models_do_not_count(write):
    assert read_labels(write(FOUR), models=[" large", "tiny "]).models == ("large", "tiny")


def test_a_model_that_is_not_chosen_may_stand_there_twice(write):
    text = "prompt,a,b,c,c_score\nx,0,1,1,1\n"
    assert read_labels(write(text), models=["a", "b"]).models == ("a", "b")
    assert "columns c and c_score are both of the model c" in refusal(write(text))


def test_columns_that_stand_dearest_first_are_warned_about(write):
    dear_first = "prompt,gpt-4,mixtral\na,1,0\nb,1,1\nc,1,0\n"
    warning = order_warning(read_labels(write(dear_first)))
    assert "the cheapest model, gpt-4, answers better (1.000) than the dearest, mixtral" in warning
    assert "--models mixtral,gpt-4" in warning
    assert order_warning(read_labels(write(dear_first), models=["mixtral", "gpt-4"])) is None
    assert order_warning(read_labels(write("prompt,a,b\nx,1,1\n"))) is None
