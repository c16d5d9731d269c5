"""`tiny-dancer eval --require`: what CI is told, and that it fails where a figure is missed."""

import importlib.util
import json
import re
import shlex
from pathlib import Path
from xml.etree import ElementTree

import pytest
from unit.test_cli_eval import run as run

from tiny_dancer import InvalidInputError
from tiny_dancer.evaluate.requirement import Check, parse_requirement

EXAMPLES = Path(__file__).parents[2] / "docs/examples"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("quality>=.95", "quality >= 0.95"),
        (" saving >= 20% ", "saving >= 0.2"),
        ("ece<=0.05", "ece <= 0.05"),
        ("apgr>=-1", "apgr >= -1"),
    ],
)
def test_a_requirement_is_read(text, said):
    assert str(parse_requirement(text)) == said


@pytest.mark.parametrize(
    "text", ["", "quality", "quality>.95", "quality=1", "beauty>=1", "quality>=x", "quality>=1e5"]
)
def test_what_is_none_is_refused(text):
    with pytest.raises(InvalidInputError, match="NAME>=VALUE or NAME<=VALUE is needed"):
        parse_requirement(text)


@pytest.mark.parametrize(
    ("text", "value", "is_met"),
    [
        ("quality>=.95", 0.95, True),
        ("quality>=.95", 0.9499, False),
        ("ece<=.05", 0.05, True),
        ("ece<=.05", 0.0501, False),
        ("apgr>=0", None, False),
    ],
)
def test_a_bound_is_met_where_it_is_reached_and_never_by_what_is_not_defined(text, value, is_met):
    assert Check(parse_requirement(text), value, "").is_met == is_met


def test_a_figure_that_is_missed_fails_and_is_named(run, tmp_path):
    prices = ("b.safetensors", "labels.csv", "--prices", "prices.json", "--json", "f.json")
    assert run(*prices).returncode == 0
    facts = json.loads((tmp_path / "f.json").read_text())
    kept = facts["policy"]["quality_kept"]
    met, missed = f"quality>={kept - 0.001:.6f}", f"quality>={kept + 0.001:.6f}"
    outputs = ("--junit", "out.xml", "--markdown", "out.md")
    done = run(*prices, "--require", met, "--require", "saving>=-1", *outputs)
    assert done.returncode == 0, done.stderr
    suite = ElementTree.parse(tmp_path / "out.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "0")
    done = run(*prices, "--require", missed, "--require", "saving>=-1", *outputs)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert re.fullmatch(
        rf"tiny-dancer: quality is {kept:.4g}, required quality >= \S+\n", done.stderr
    )
    suite = ElementTree.parse(tmp_path / "out.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    (failure,) = suite.iter("failure")
    assert "required quality" in failure.get("message")
    assert json.loads((tmp_path / "f.json").read_text()) == facts
    text = (tmp_path / "out.md").read_text()
    assert text.count("**not met**") == 1 and text.count("| met |") == 1


def test_the_static_mix_and_the_single_models_are_always_shown(run, tmp_path):
    done = run(
        *("b.safetensors", "labels.csv", "--prices", "prices.json"),
        *("--json", "f.json", "--markdown", "out.md"),
    )
    facts = json.loads((tmp_path / "f.json").read_text())
    names = ["static mix", *(f"{name} alone" for name in facts["models"])]
    for text in (done.stdout, (tmp_path / "out.md").read_text()):
        assert all(name in " ".join(text.split()) for name in names)
    mix, policy = facts["mix"], facts["policy"]
    assert mix["cost"] == pytest.approx(policy["cost"])
    assert mix["saving"] == pytest.approx(policy["saving"])
    light, powerful = (facts["models"][name]["mean_quality"] for name in ("light", "powerful"))
    share = mix["light_share"]
    assert mix["quality_kept"] == pytest.approx((share * light + (1 - share) * powerful) / powerful)


def test_without_prices_a_saving_is_the_share_of_light_answers_and_says_so(run, tmp_path):
    done = run(
        *("b.safetensors", "labels.csv", "--require", "saving>=-1"),
        *("--json", "f.json", "--markdown", "out.md"),
    )
    assert done.returncode == 0, done.stderr
    share = json.loads((tmp_path / "f.json").read_text())["policy"]["light_share"]
    (row,) = (line for line in (tmp_path / "out.md").read_text().splitlines() if "saving" in line)
    assert f"| {share:.4g} |" in row and "since no prices were given" in row


def test_a_policy_of_a_file_decides(run, tmp_path):
    for threshold, share in ((-2.0, 0.0), (2.0, 1.0)):
        policy = {"version": 1, "threshold": threshold}
        (tmp_path / "p.json").write_text(json.dumps(policy))
        done = run("b.safetensors", "labels.csv", "--policy", "p.json", "--json", "-")
        assert json.loads(done.stdout)["policy"]["light_share"] == share
    (tmp_path / "p.json").write_text(json.dumps({**policy, "bundle_hash": "0" * 64}))
    done = run("b.safetensors", "labels.csv", "--policy", "p.json")
    assert done.returncode == 1 and "made for another bundle" in done.stderr


def test_two_outputs_need_two_places(run):
    done = run("b.safetensors", "labels.csv", "--junit", "a.xml", "--markdown", "a.xml")
    assert done.returncode == 1 and "both --junit and --markdown go there" in done.stderr


def test_the_example_of_a_workflow_runs(run, tmp_path):
    text = (EXAMPLES / "eval.yml").read_text()
    command = re.search(r"tiny-dancer eval (.*?)\n      - ", text, re.S)[1]
    arguments = shlex.split(command.replace("\\\n", " "))
    (tmp_path / "bundle.safetensors").write_bytes((tmp_path / "b.safetensors").read_bytes())
    done = run(*arguments)
    assert done.returncode in (0, 1) and "Traceback" not in done.stderr
    suite = ElementTree.parse(tmp_path / "eval.xml").getroot()
    assert [case.get("name") for case in suite.iter("testcase")] == [
        "quality >= 0.95",
        "saving >= 0.2",
    ]
    assert (done.returncode == 1) == (suite.get("failures") != "0")
    assert (tmp_path / "eval.md").read_text().startswith("| required | found | |")


def test_the_provider_for_promptfoo_says_where_its_examples_go():
    spec = importlib.util.spec_from_file_location("provider", EXAMPLES / "promptfoo_provider.py")
    provider = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(provider)
    examples = (EXAMPLES / "promptfooconfig.yaml").read_text()
    rows = re.findall(r'prompt: "(.*?)".*?value: (\w+)', examples, re.S)
    assert len(rows) == 2
    for prompt, model in rows:
        answer = provider.call_api(prompt, {"id": "x", "config": {}}, {})
        assert answer["output"] == model and answer["metadata"]["model"] == model
        json.dumps(answer)
