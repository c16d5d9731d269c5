"""What a visitor does on the page, from the first look to a link for somebody else."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.conftest import Server, Visit

pytestmark = pytest.mark.browser
EASY = "What is the capital of France?"
HARD = "Prove that every bounded sequence of real numbers has a convergent subsequence."
BATCH = "document.getElementById('batch').dataset.state"
ROWS = "document.getElementById('batch-rows').rows.length"


@pytest.fixture(scope="module")
def page(browser: Any, server: Server) -> Iterator[Visit]:
    one = Visit(browser, locale="en-US", permissions=["clipboard-read", "clipboard-write"])
    one.open(server.url, unfold=False)
    yield one
    one.context.close()


def decide_file(one: Visit, path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    one.page.evaluate(f"delete {BATCH}")
    one.page.locator("#batch-file").set_input_files(path)
    one.wait(BATCH, "ready")


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)], ids=["desktop", "phone"])
def test_the_first_screen_says_what_is_enough_how_often_and_what_it_saves(
    visit: Any, server: Server, width: int, height: int
) -> None:
    page = visit(locale="en-US", viewport={"width": width, "height": height})
    page.open(server.url, unfold=False)
    page.type(EASY)
    decision = page.route(EASY)
    share = decision["confidence"]
    said = page.page.locator("#verdict").inner_text()
    assert said.startswith("Light is enough.")
    assert f"About {round(100 * share)} of 100 prompts like this went well" in said
    saved = (decision["n_tokens"] * (1.25 - 0.05) + 300 * (10 - 0.4)) / 1e6
    assert f"Saves ${saved:.4f} with GPT-5 nano instead of GPT-5" in said
    assert f"on a million such prompts ${1e6 * saved:,.0f}. Example prices" in said
    box = page.page.locator("#verdict").bounding_box()
    assert box["y"] + box["height"] < height, "without scrolling"
    page.type(HARD)
    assert re.search(r"Costs \$0\.00\d\d more with GPT-5", page.text("saving"))
    page.type("")
    assert page.text("model") == "Type a prompt."
    assert not page.page.locator("#details").is_visible()


def test_the_interval_holds_the_confidence_for_prompts_and_candidates(page: Visit) -> None:
    one = page.page
    page.unfold()
    for prompt in (EASY, HARD, "Translate into Spanish: Good morning.", "2+2", "Write SQL."):
        page.type(prompt)
        page.wait("document.getElementById('ranking').children.length > 0")
        bars = one.evaluate(
            """[...document.querySelectorAll("#confidence-bar, #ranking .bar")].map(({ style }) =>
            ["--from", "--at", "--to"].map(name => parseFloat(style.getPropertyValue(name))))"""
        )
        assert len(bars) > 1
        assert all(low <= at <= high for low, at, high in bars), (prompt, bars)
    page.type("What is the capital of Spain?")
    page.wait("document.querySelector('#ranking .badge').textContent", "sure")


def test_the_words_that_moved_the_decision_are_marked(page: Visit) -> None:
    page.type(HARD)
    page.wait("document.getElementById('moved').hidden", False)
    marked = page.page.locator("#moved-text mark[data-side=powerful]").all_inner_texts()
    spans = page.page.evaluate("prompt => window.tinyDancer.explain(prompt)", HARD)["spans"]
    strongest = max(spans, key=lambda span: span["effect"] or 0)
    assert strongest["text"] in marked
    assert page.page.locator("#moved-text").inner_text() == HARD
    assert strongest["text"] in page.text("moved-list")


def test_other_prices_and_currencies_show_in_every_amount(page: Visit) -> None:
    one = page.page
    page.unfold()
    page.type(EASY)
    tokens = page.route(EASY)["n_tokens"]
    one.locator("#money-currency").select_option("EUR")
    one.locator("#powerful-out").fill("100")
    one.locator("#powerful-name").fill("Colossus")
    one.locator("#powerful-name").press("Tab")
    page.wait("document.getElementById('saving').textContent.includes('Colossus')")
    saved = (tokens * (1.25 - 0.05) + 300 * (100 - 0.4)) / 1e6
    assert f"Saves €{saved:.4f}" in page.text("saving")
    assert page.text("money-link") == "Change the prices", "these are no examples"
    assert "€" in page.text("calc-result") and "$" not in page.text("calc-result")
    one.locator("#light-in").fill("-1")
    one.locator("#light-in").press("Tab")
    page.wait("document.getElementById('money-fault').hidden", False)
    one.locator("#money-pair").select_option("0")
    page.wait("document.getElementById('saving').textContent.includes('$')")


def test_a_list_is_decided_and_decided_again_by_the_slider_alone(
    visit: Any, server: Server, tmp_path: Path
) -> None:
    page = visit(locale="en-US")  # of its own: what was typed elsewhere is still being written
    one = page.open(server.url)
    text = 'id;prompt;light_score;powerful_score\r\n1;"=1+1; what is ""that""?";1;1\r\n2;;0;1\r\n'
    text += f"3;{HARD};0;1\r\n4;{EASY};1;1\r\n"
    decide_file(page, tmp_path / "mine.csv", text)
    assert one.evaluate(ROWS) == 4
    assert "By your 4 marked prompts" in page.text("batch-quality")
    light = one.evaluate("prompt => tinyDancer.score({ prompt, candidates: [] })", EASY)
    assert f"of {4} prompts can go to the light model" in page.text("batch-verdict")
    assert light["useLightweight"]
    one.evaluate(
        """() => {
          const { score } = window.tinyDancer;
          window.asked = [];
          window.tinyDancer.score = function (request) {
            window.asked.push(request.prompt);
            return score.call(this, request);
          };
        }"""
    )
    one.locator("#batch-slider").fill("0")
    assert page.text("batch-verdict").startswith("0 of 4")
    assert "100 % of the powerful model's quality is kept" in page.text("batch-quality")
    one.locator("#batch-slider").fill("100")
    assert page.text("batch-verdict").startswith("3 of 4"), "an empty prompt is never light"
    asked = one.evaluate("(delete window.tinyDancer.score, window.asked)")
    assert '=1+1; what is "that"?' not in asked
    for kind in ("csv", "jsonl"):
        with one.expect_download() as got:
            one.locator(f"#batch-{kind}").click()
        got.value.save_as(tmp_path / f"out.{kind}")
    lines = (tmp_path / "out.csv").read_text("utf-8").splitlines()
    assert lines[0] == "prompt,use_lightweight,confidence,model"
    assert lines[1].startswith('"\'=1+1; what is ""that""?",true,0.')
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert rows[0]["prompt"] == '=1+1; what is "that"?'
    assert [row["model"] for row in rows] == ["light", "powerful", "light", "light"]
    recorded = one.evaluate("tinyDancer.flush().then(() => tinyDancer.stats())")
    assert recorded["totalRoutes"] == 0, "nothing went into the history"


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("a.csv", "name,age\nx,3\n", "a column named prompt is needed, found: name, age"),
        ("b.jsonl", '{"prompt": "a"}\n{broken\n', "line 2: not JSON"),
        ("c.jsonl", '{"prompt": 7}\n', "line 1: a prompt is needed, as text"),
        ("d.csv", "prompt,light_score,powerful_score\na,2,1\n", "line 2: a mark from 0 to 1"),
        ("e.json", "[]", "no prompt is in it"),
    ],
)
def test_a_list_that_cannot_be_read_is_named(
    page: Visit, tmp_path: Path, name: str, text: str, fault: str
) -> None:
    decide_file(page, tmp_path / name, text)
    assert fault in page.text("batch-fault")
    assert fault in page.text("errors")


def test_a_list_is_cancelled_and_a_chat_is_read(visit: Any, server: Server, tmp_path: Path) -> None:
    page = visit(locale="en-US")  # of its own: its router is changed
    page.open(server.url)
    page.page.evaluate(
        """() => {
          const { score } = window.tinyDancer;
          window.asked = 0;
          window.tinyDancer.score = function (request) {  // 64 are decided, the rest takes for ever
            const isListed = request.prompt.startsWith("Name ");  // not the page's own examples
            if (!isListed || ++window.asked <= 64) return score.call(this, request);
            const { signal } = request;
            return new Promise((_, reject) => {
              signal.addEventListener("abort", () => reject(signal.reason));
            });
          };
        }"""
    )
    many = "".join(json.dumps({"prompt": f"Name {n} rivers."}) + "\n" for n in range(20_000))
    (tmp_path / "many.jsonl").write_text(many)
    page.page.locator("#batch-file").set_input_files(tmp_path / "many.jsonl")
    page.wait("document.getElementById('batch-count').textContent.startsWith('64 of 20,000')")
    page.page.locator("#batch-cancel").click()
    page.wait(BATCH, "ready")
    assert 64 < page.page.evaluate("asked") < 1000
    assert page.page.locator("#batch-cancel").is_hidden()
    chat = {"messages": [{"role": "user", "content": EASY}, {"role": "assistant", "content": "?"}]}
    decide_file(page, tmp_path / "chat.jsonl", json.dumps(chat) + "\n")
    assert page.page.locator("#batch-rows .prompt").all_inner_texts() == [EASY]


def test_a_month_is_computed_from_the_measured_share(page: Visit) -> None:
    one = page.page
    one.locator("#batch-example").click()
    page.wait(ROWS, 40)
    found = re.match(r"(\d+) of 40", page.text("batch-verdict"))
    assert found
    share = int(found[1]) / 40
    one.locator("#calc-requests").fill("1000000")
    one.locator("#calc-tokens").fill("100")
    dear = 100 * 1.25 + 300 * 10
    cheap = 100 * 0.05 + 300 * 0.4
    routed = share * cheap + (1 - share) * dear
    assert f"${routed:,.0f} a month instead of ${dear:,.0f}" in page.text("calc-result")
    assert "example prompts" in page.text("calc-note")


def test_it_speaks_german_and_remembers_that(visit: Any, server: Server) -> None:
    one = visit(locale="de-DE")
    one.open(server.url)
    one.type(EASY)
    assert one.text("model") == "Leicht genügt."
    assert re.search(r"Spart 0,00\d\d\s\$", one.text("saving"))
    assert one.page.evaluate("document.documentElement.lang") == "de"
    one.page.locator("#language").select_option("en")
    one.wait("document.getElementById('model').textContent", "Light is enough.")
    again = one.another()
    again.open(server.url)
    assert again.page.evaluate("document.documentElement.lang") == "en"
    assert one.errors == again.errors == []


def test_every_word_is_in_both_languages_and_the_page_uses_it() -> None:
    source = Path(__file__).parents[2] / "web/demo"
    english, german = (
        json.loads((source / f"src/words/{name}.json").read_text("utf-8")) for name in ("en", "de")
    )
    assert english.keys() == german.keys()
    for key, text in english.items():
        holes = re.findall(r"\{\w+\}", text)
        assert sorted(holes) == sorted(re.findall(r"\{\w+\}", german[key])), key
    files = [*source.glob("src/**/*.ts"), *source.glob("src/**/*.html"), source / "index.html"]
    text = "\n".join(file.read_text("utf-8") for file in files)
    built = re.findall(r"[`\"]([\w.-]+)\.\$\{", text)
    unused = [key for key in english if f'"{key}"' not in text and not key.startswith(tuple(built))]
    assert unused == []


def test_a_link_carries_settings_and_the_prompt_only_if_asked(page: Visit, server: Server) -> None:
    one = page.page
    page.type("A secret plan")
    one.locator("#share").click()
    page.wait("document.getElementById('share-done').hidden", False)
    link = one.evaluate("navigator.clipboard.readText()")
    assert link.startswith(server.url) and "#s=" in link and "secret" not in link
    one.locator("#share-prompt").check()
    one.locator("#share").click()
    page.wait("document.getElementById('share-done').textContent.includes('with your prompt')")
    link = one.evaluate("navigator.clipboard.readText()").replace("GPT-5+nano", "Sparrow")
    other = page.another()
    other.open(link)
    assert other.page.locator("#prompt").input_value() == "A secret plan"
    assert "Sparrow" in other.text("money-models")
    assert "#" not in other.page.url
    other.page.locator("#money-pair").evaluate("one => { one.closest('details').open = true; }")
    other.page.locator("#money-pair").select_option("0")
    other.page.close()


def test_the_rule_is_shown_and_the_browser_refuses_what_it_forbids(
    visit: Any, server: Server
) -> None:
    one = visit()
    one.open(server.url)
    one.wait("document.querySelector('#proof-policy strong') !== null")
    assert one.page.locator("#proof-policy strong").inner_text().strip() == "connect-src 'self';"
    one.page.locator("#proof-try").click()
    one.wait("document.getElementById('proof-done').hidden", False)
    assert "Your browser refused the request" in one.text("proof-done")
    assert {url for url in one.requests if not url.startswith(server.url)} == set()


def test_what_the_links_lead_to_is_there(page: Visit, server: Server) -> None:
    for name in ("link-docs", "link-source", "link-licence"):
        address = page.page.locator(f"#{name}").get_attribute("href")
        response = page.context.request.get(server.url + address.removeprefix("./"))
        assert response.ok, address
    assert page.text("install-line") == f"npm install {server.url}tiny-dancer.tgz"


def test_loading_can_be_cancelled_and_taken_up_again(visit: Any, server: Server) -> None:
    one = visit()
    one.page.route("**/stdlib.zip.bin", lambda route: None)  # it never comes
    one.page.goto(server.url)
    one.wait("document.getElementById('loading-bytes').textContent.includes(' of ')")
    assert one.page.locator("#history-delete").is_disabled()
    assert one.page.locator("#history-import").is_disabled()
    one.page.locator("#loading-cancel").click()
    one.wait("document.getElementById('answer').dataset.state", "cancelled")
    one.page.unroute_all(behavior="ignoreErrors")
    one.page.locator("#load-again").click()
    one.wait("document.getElementById('answer').dataset.state", "ready")
    assert one.page.locator("#history-delete").is_enabled()
    assert one.type(EASY)["model"] == "Light is enough."
