"""RouteBatch: the same rows with their decisions, in any process and any kind of batch."""

import pickle
import subprocess
import sys

import numpy
import pytest

from tiny_dancer import Router
from tiny_dancer.errors import BundleError, InvalidInputError, PolicyError
from tiny_dancer.hosts.package_data import default_bundle
from tiny_dancer.integrations.engines import CountBatch, RouteBatch, Tally, make_predict_fn
from tiny_dancer.integrations.engines.columns import COLUMNS
from tiny_dancer.policy import Policy

PROMPTS = ["What is the capital of France?", "Prove the theorem of Bolzano.", "", "hi", "a" * 5000]


def test_decides_as_the_router_does():
    columns = RouteBatch()({"prompt": PROMPTS, "id": range(5)})
    responses = [Router().route(prompt) for prompt in PROMPTS]
    assert list(columns["id"]) == [0, 1, 2, 3, 4]
    assert columns["td_model"] == [r.model for r in responses]
    assert columns["td_score"] == [r.score for r in responses]
    assert columns["td_confidence"] == [r.confidence for r in responses]
    assert columns["td_uncertainty"] == [r.uncertainty for r in responses]
    assert columns["td_reason"] == [str(r.reason) for r in responses]
    assert columns["td_error"] == [None] * 5


@pytest.mark.parametrize("value", [None, 3, b"bytes", float("nan"), ["a"]], ids=repr)
def test_what_is_no_text_has_an_error_and_no_model(value):
    columns = RouteBatch()({"prompt": ["hi", value]})
    assert columns["td_error"][0] is None
    assert columns["td_model"] == [columns["td_model"][0], ""]
    assert "prompt: a text is needed" in columns["td_error"][1]


def test_arrays_give_arrays():
    batch = {"prompt": numpy.array([*PROMPTS, None], dtype=object), "x": numpy.arange(6)}
    columns = RouteBatch()(batch)
    lists = RouteBatch()({"prompt": [*PROMPTS, None]})
    assert columns["td_score"].dtype == float
    assert numpy.isnan(columns["td_score"][-1])
    assert columns["td_score"][:2].tolist() == lists["td_score"][:2]
    assert columns["td_model"].tolist() == lists["td_model"]
    assert columns["x"].tolist() == list(range(6))


@pytest.mark.parametrize("dtype", ["string", "object", "category"])
def test_a_missing_text_of_a_frame_has_an_error(dtype):
    pandas = pytest.importorskip("pandas")
    frame = RouteBatch()(pandas.DataFrame({"prompt": pandas.Series(["hi", None], dtype=dtype)}))
    assert frame["td_model"].tolist() == ["light", ""]
    assert "prompt: a text is needed, got nothing" in frame["td_error"].tolist()


def test_a_list_of_arrays_is_a_column_of_no_texts():
    columns = RouteBatch()({"prompt": ["hi", numpy.arange(2)]})
    assert columns["td_error"][1] == "prompt: a text is needed, got ndarray"


@pytest.mark.parametrize("value", ["hello", 7, None, (text for text in PROMPTS)], ids=type)
def test_a_column_that_is_no_list_is_refused(value):
    with pytest.raises(InvalidInputError, match="prompt: a list or array of texts is needed"):
        RouteBatch()({"prompt": value})


def test_a_column_of_two_or_of_none_is_refused_by_name():
    pandas = pytest.importorskip("pandas")
    with pytest.raises(InvalidInputError, match="prompt: 2 columns have this name"):
        RouteBatch()(pandas.DataFrame([["a", "b"]], columns=["prompt", "prompt"]))
    with pytest.raises(InvalidInputError, match="prompt: no such column; there are 1, 2"):
        RouteBatch()(pandas.DataFrame([["a", "b"]], columns=[1, 2]))


def test_columns_of_an_earlier_run_are_replaced():
    once = RouteBatch()({"prompt": PROMPTS})
    assert RouteBatch()(once) == once


def test_another_process_gives_the_same_bytes():
    route = RouteBatch(policy=Policy(0.3))
    code = (
        "import pickle, sys; route, batch = pickle.load(sys.stdin.buffer);"
        "sys.stdout.buffer.write(pickle.dumps(route(batch)))"
    )
    batch = {"prompt": PROMPTS}
    out = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps((route, batch)), capture_output=True
    )
    assert pickle.loads(out.stdout) == route(batch), out.stderr.decode()


def test_the_bundle_travels_with_it(tmp_path):
    path = tmp_path / "mine.safetensors"
    path.write_bytes(default_bundle())
    route = pickle.loads(pickle.dumps(RouteBatch(path)))
    path.unlink()
    assert route({"prompt": PROMPTS}) == RouteBatch()({"prompt": PROMPTS})


def test_a_process_opens_one_router_for_all_copies():
    route = RouteBatch()
    assert pickle.loads(pickle.dumps(route)).router is route.router


def test_faults_are_named_where_it_is_made(tmp_path):
    (tmp_path / "p.json").write_text("{}")
    (tmp_path / "b.safetensors").write_bytes(b"no bundle")
    with pytest.raises(PolicyError):
        RouteBatch(policy=tmp_path / "p.json")
    with pytest.raises(BundleError):
        RouteBatch(tmp_path / "b.safetensors")
    with pytest.raises(InvalidInputError, match="question: no such column; there are prompt"):
        RouteBatch(prompt="question")({"prompt": PROMPTS})
    with pytest.raises(InvalidInputError, match="batch: a dict of columns"):
        RouteBatch()(PROMPTS)


def test_spark_function_gives_arrays_by_name():
    columns = make_predict_fn()(numpy.array([*PROMPTS, None], dtype=object))
    assert list(columns) == list(COLUMNS)
    assert columns["td_model"].tolist() == RouteBatch()({"prompt": [*PROMPTS, None]})["td_model"]


def test_tallies_add_up_in_any_order_and_say_what_a_threshold_does():
    batch = {
        "prompt": [f"What is {n} times {n + 1}?" for n in range(200)],
        "light": [n % 3 / 2 for n in range(200)],
        "powerful": [0.9 for _ in range(200)],
    }
    decided = RouteBatch()(batch)
    count = CountBatch("light", "powerful", Policy(-2.0))
    whole = count(decided)
    parts = [
        count({name: values[at : at + 7] for name, values in decided.items()})
        for at in range(0, 200, 7)
    ]
    assert sum(reversed(parts), Tally()) == whole == sum(parts, Tally())
    assert (whole.rows, whole.errors) == (200, 0)
    assert whole.changed == whole.models["light"] > 0
    last = whole.points()[-1]
    assert (last.n, last.light) == (200, 200)
    assert last.quality_kept == pytest.approx(sum(batch["light"]) / sum(batch["powerful"]))
    assert last.fails == sum(value < 0.5 for value in batch["light"])
    assert last.fails / 200 < last.bound_joint() < last.fails / 200 + 0.1


def test_tallies_take_what_ray_makes_of_missing_texts():
    decided = RouteBatch()({"prompt": ["hi", None]})
    decided["td_error"][0] = float("nan")
    assert CountBatch()(decided).errors == 1
