"""`Router.load` of the npm package inside real workerd."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from edge.decisions import expected, plain, sample
from edge.library import ENTRY, LIBRARY, lay_out
from edge.workerd import ROOT, Local


@pytest.fixture(scope="module")
def library(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    """A Worker with a router that it loads at its first request."""
    if not (LIBRARY / "runtime/workerd.js").is_file() or not (LIBRARY / "dist").is_dir():
        pytest.skip("the library is not built: ./build.sh demo")
    folder = tmp_path_factory.mktemp("library")
    lay_out(ROOT / "tests/edge/library_worker.mjs", folder / "upload")
    with Local(program, folder / "d1", folder / "upload", "--entry", ENTRY) as local:
        yield local


def test_requests_at_once_share_a_start_and_decide_as_cpython_does(library: Local) -> None:
    prompts = sample(20)
    with ThreadPoolExecutor(20) as threads:  # the first of them starts Python
        answers = list(threads.map(lambda prompt: library.ask("/", {"prompt": prompt}), prompts))
    assert [plain(answer.json) for answer in answers] == [expected(prompt) for prompt in prompts]


def test_it_starts_from_the_image_and_says_what_cannot_be(library: Local) -> None:
    told = library.ask("/").json
    assert told["snapshot"] is True
    refusals = told["refusals"]
    assert refusals["global scope"].startswith("LoadError: Router.load: workerd gives no random")
    assert "call it inside a handler, once" in refusals["global scope"]
    assert refusals["base"].startswith("InvalidInputError: base: there is none in workerd")
    assert refusals["storage"].startswith("InvalidInputError: storage: there is none in workerd")
    assert refusals["closed"] == "ClosedError: the router was closed"


def test_a_router_that_is_closed_leaves_the_others_as_they_are(library: Local) -> None:
    library.ask("/")
    prompt = sample(20)[0]
    assert plain(library.ask("/", {"prompt": prompt}).json) == expected(prompt)


def test_what_is_fetched_beside_its_start_is_fetched(library: Local) -> None:
    fetched = library.ask("/beside").json
    assert set(fetched) == {"beside"} and len(fetched) > 10  # at every step of the start


def test_routers_whose_python_died_share_one_that_takes_its_place(library: Local) -> None:
    told = library.ask("/die").json
    for router in ("one", "other"):
        assert told["refusals"][router].startswith("WorkerError: the worker died: ")
    assert told["starts"] == 1 and told["models"] == ["light", "light"]
