"""Candidates, batches and other bundles, through the npm library in a page's worker."""

import json
import random
import re
from typing import Any

import pytest
from e2e.conftest import Server, Visit, evaluate, readme_examples
from hosts import decisions
from random_bundle import random_bundle

from tiny_dancer import Router
from tiny_dancer.candidates.candidate import Candidate
from tiny_dancer.request import RoutingRequest

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("current")]

FRESH = """
    const model = await (await fetch("my.bundle")).arrayBuffer();
    const router = new library.Router(undefined, { model });
"""
TEXTS = ("Proofs, theorems, limits.", "Programs and tests.", "The capital of a country.")
BY_TEXT: list[dict[str, Any]] = [
    # So long ago that recency is zero whenever the test runs.
    {"id": name, "text": text, "created_at": 0, "access_count": count, "success_rate": 0.75}
    for name, text, count in zip(("maths", "code ü", "travel"), TEXTS, (3, 40, 0), strict=True)
]
BY_TEXT[1]["metadata"] = {"lang": "py", "some_key": "stays"}


def vectors(n: int, dimension: int) -> list[list[float]]:
    """Seeded numbers that binary32 holds exactly."""
    generator = random.Random(7)
    return [[generator.randrange(-512, 513) / 256 for _ in range(dimension)] for _ in range(n)]


@pytest.fixture(scope="module")
def python() -> Router:
    """The same bundle on CPython."""
    return Router(model=random_bundle(3, candidates=True, h=32))


def test_the_classic_example_prints_what_it_should(visit: Any, site: Server) -> None:
    one = visit()
    one.page.goto(site.url)
    one.wait("typeof window.library", "object")
    body = """
        const router = await library.Router.load();
        const now = Date.now() / 1000;
        const embedding = seed =>
          Float32Array.from({ length: 384 }, (_, i) => Math.sin(seed * i + i));
        const response = await router.route({
          queryEmbedding: embedding(0.1),
          metadata: { type: "gpt" },
          candidates: [
            { id: "candidate-1", embedding: embedding(0.1), createdAt: now - 3600,
              accessCount: 100, successRate: 0.95, metadata: { type: "gpt" } },
            { id: "candidate-2", embedding: embedding(0.9), createdAt: now - 7200,
              accessCount: 50, successRate: 0.8, metadata: { type: "claude" } },
            { id: "candidate-3", embedding: [...embedding(1.7)], createdAt: now,
              accessCount: 0, successRate: 0.5, metadata: {} },
          ],
        });
        for (const decision of response.decisions) {
          console.log(decision.candidateId, decision.confidence, decision.useLightweight,
                      decision.uncertainty);
        }
        console.log(`${response.inferenceTimeUs} us, ${response.candidatesProcessed} candidates`);
        return response;
    """
    response = evaluate(one, body)
    one.until(lambda: len(one.console) == 4)
    lines = [line.removeprefix("log: ") for line in one.console]
    found = response["decisions"]
    assert {decision["candidateId"] for decision in found} == {f"candidate-{n}" for n in (1, 2, 3)}
    assert [decision["rank"] for decision in found] == [0, 1, 2]
    for line, decision in zip(lines, found, strict=False):
        name, confidence, light, uncertainty = line.split()
        assert name == decision["candidateId"]
        assert 0 <= float(confidence) <= 1
        assert light == str(decision["useLightweight"]).lower()
        assert 0 < float(uncertainty) <= 1
    assert re.fullmatch(r"(null|[\d.]+) us, 3 candidates", lines[3])
    (first,) = (one for one in found if one["candidateId"] == "candidate-1")
    assert first["rank"] == 0
    assert first["confidence"] > 0.5 > found[1]["confidence"]
    assert first["features"]["similarity"] == pytest.approx(1, abs=1e-6)
    assert first["features"]["metadataOverlap"] == 1
    assert first["features"]["successRate"] == pytest.approx(0.95)
    assert first["features"]["recency"] == pytest.approx(2 ** (-3600 / 604_800), abs=1e-4)


def test_candidates_by_text_are_ranked_in_the_bytes_of_cpython(
    library: Visit, python: Router
) -> None:
    body = (
        FRESH
        + """
        await router.setCandidates(argument);
        const request = { prompt: "Is every limit a theorem? ü", metadata: { lang: "py" } };
        const resident = await router.routeWire(request);
        await router.setCandidates([]);
        return [resident, await router.routeWire({ ...request, candidates: argument })];
    """
    )
    resident, handed_over = evaluate(library, body, BY_TEXT)
    candidates = [Candidate(**row) for row in BY_TEXT]
    request = RoutingRequest("Is every limit a theorem? ü", metadata={"lang": "py"})
    python.set_candidates(candidates)
    assert decisions.line(json.loads(resident)) == decisions.line(python.route(request).to_dict())
    python.set_candidates([])
    other = python.route(request, candidates=candidates).to_dict()
    assert decisions.line(json.loads(handed_over)) == decisions.line(other)
    assert json.loads(resident)["candidates_processed"] == 3


@pytest.mark.parametrize("kind", ["Float32Array", "Float64Array", "Array"])
def test_vectors_of_any_kind_are_ranked_in_the_bytes_of_cpython(
    library: Visit, python: Router, kind: str
) -> None:
    numbers = vectors(5, 384)
    body = (
        FRESH
        + f"""
        const [query, ...rows] = argument.map(numbers => {kind}.from(numbers));
        const candidates = rows.map((embedding, at) =>
          ({{ id: `c${{at}}`, embedding, createdAt: 0, successRate: at / 4 }}));
        return router.routeWire({{ queryEmbedding: query, candidates, topK: 3 }});
    """
    )
    wire = json.loads(evaluate(library, body, numbers))
    candidates = [
        Candidate(f"c{at}", embedding=row, created_at=0, success_rate=at / 4)
        for at, row in enumerate(numbers[1:])
    ]
    ours = python.route(numbers[0], candidates=candidates, top_k=3).to_dict()
    assert decisions.line(wire) == decisions.line(ours)
    assert len(wire["decisions"]) == 3


def test_a_view_into_a_larger_buffer_is_read_where_it_lies(library: Visit) -> None:
    body = (
        FRESH
        + """
        const all = Float32Array.from({ length: 12 }, (_, i) => i % 5 - 2);
        const candidate = embedding => ({ id: "a", embedding, createdAt: 0, successRate: 1 });
        const ask = (queryEmbedding, embedding) =>
          router.route({ queryEmbedding, candidates: [candidate(embedding)] });
        const views = await ask(all.subarray(2, 6), all.subarray(6, 10));
        const copies = await ask(all.slice(2, 6), all.slice(6, 10));
        return [views.decisions[0].features.similarity, copies.decisions[0].features.similarity];
    """
    )
    views, copies = evaluate(library, body)
    assert views == copies


def test_residents_change_one_at_a_time(library: Visit) -> None:
    body = (
        FRESH
        + """
        await router.setCandidates(argument);
        const seen = async () => (await router.route("theorem")).decisions
          .map(({ candidateId, features }) => `${candidateId} ${features.successRate}`).sort();
        await router.updateCandidate("travel", { successRate: 0.25 });
        await router.updateCandidate({ id: "new", text: "x", createdAt: 0, successRate: 1 });
        const updated = await seen();
        await router.removeCandidate("maths");
        const removed = await seen();
        const none = await router.route({ prompt: "a", candidates: [] });
        return [updated, removed, none.decisions];
    """
    )
    updated, removed, none = evaluate(library, body, BY_TEXT)
    assert updated == ["code ü 0.75", "maths 0.75", "new 1", "travel 0.25"]
    assert removed == ["code ü 0.75", "new 1", "travel 0.25"]
    assert none == []


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (
            "setCandidates([good, { ...good, id: 'b', successRate: 2 }])",
            "candidate 1: candidate 'b': success_rate: a number in [0, 1] is needed, got 2",
        ),
        ("setCandidates([good, good])", 'candidate 1 ("a"): its id occurs twice'),
        (
            "setCandidates([{ id: 'a', text: 'b', successRate: 1 }])",
            "candidate 0: created_at: it is needed",
        ),
        (
            "setCandidates([{ ...good, text: undefined, embedding: 'abc' }])",
            "candidate 0: embedding: a Float32Array or an array of numbers is needed",
        ),
        (
            "setCandidates([{ ...good, text: undefined, embedding: [1, NaN] }])",
            "candidate 0: candidate 'a': embedding[1]: a finite number within ±3e+17 is needed, "
            "got nan",
        ),
        ("setCandidates('abc')", "candidates: an array of candidates is needed"),
        (
            "updateCandidate('gone', { successRate: 1 })",
            "candidate 'gone': there is none of this name",
        ),
        (
            "updateCandidate('kept', { accessCount: -1 })",
            "candidate 'kept': access_count: a whole number is needed, got -1",
        ),
        ("removeCandidate('gone')", "candidate 'gone': there is none of this name"),
        ("route({ prompt: 'a', topK: 0 })", "top_k: an int from 1 to 64 is needed, got 0"),
        (
            "route({ queryEmbedding: [1, 2] })",
            "query_embedding: it has 2 numbers, the candidates have 32",
        ),
        ("embed(7)", "text: a string is needed, got number"),
    ],
)
def test_what_is_malformed_is_named_and_the_set_stays(
    library: Visit, call: str, fault: str
) -> None:
    body = (
        FRESH
        + f"""
        const good = {{ id: "a", text: "b", createdAt: 0, successRate: 1 }};
        await router.setCandidates([{{ ...good, id: "kept" }}]);
        const error = await router.{call}.catch(e => [e.name, e.message]);
        return [...error, (await router.route("b")).decisions.map(one => one.candidateId)];
    """
    )
    assert evaluate(library, body) == ["InvalidInputError", fault, ["kept"]]


def test_a_vector_of_a_text_is_that_of_cpython(library: Visit, python: Router) -> None:
    body = (
        FRESH
        + """
        const vector = await router.embed("Proofs and theorems");
        return [vector.constructor.name, [...vector], [...await router.embed("")]];
    """
    )
    kind, vector, nothing = evaluate(library, body)
    assert kind == "Float32Array"
    assert vector == list(python.embed("Proofs and theorems"))
    assert nothing == [0.0] * 32


def test_many_prompts_are_decided_in_order(library: Visit, python: Router) -> None:
    prompts = [f"Is {n} the capital of {n + 1}?" for n in range(150)]
    body = (
        FRESH
        + """
        const found = [], slowly = [];
        for await (const { confidence } of router.routeMany(argument)) found.push(confidence);
        async function* three() { yield* argument.slice(0, 3); }
        for await (const { confidence } of router.routeMany(three())) slowly.push(confidence);
        const wrong = await router.routeMany(["a", 7]).next().catch(error => error.message);
        const signal = AbortSignal.abort(new Error("enough"));
        const ended = await router.routeMany(["a"], { signal }).next().catch(e => e.message);
        return [found, slowly, wrong, ended];
    """
    )
    found, slowly, wrong, ended = evaluate(library, body, prompts)
    assert found == [response.confidence for response in python.route_many(prompts)]
    assert slowly == found[:3]
    assert wrong == "prompts[1]: a string is needed, got number"
    assert ended == "enough"


def test_a_reload_gives_both_hashes_and_keeps_the_candidates(library: Visit) -> None:
    body = """
        const router = new library.Router();
        const shipped = (await router.ready).bundleHash;
        const model = new Uint8Array(await (await fetch("my.bundle")).arrayBuffer());
        const there = await router.reloadModel(model);
        const info = await router.ready;
        await router.setCandidates(argument);
        model[model.length - 1] ^= 1;
        const refused = await router.reloadModel(model).catch(error => error.name);
        const without = await (await fetch("random.bundle")).arrayBuffer();
        const unfit = await router.reloadModel(without).catch(error => error.message);
        const still = await router.route("theorem");
        await router.setCandidates([]);
        const back = await router.reloadModel();
        const facts = await router.inspect();
        return { shipped, there, info, refused, unfit, still, back, sha256: facts.bundle.sha256,
                 now: await router.ready };
    """
    found = evaluate(library, body, BY_TEXT)
    mine = found["info"]["bundleHash"]
    assert found["info"]["candidates"] is True
    assert found["there"] == {"before": found["shipped"], "after": mine}
    assert found["refused"] == "BundleError"
    assert found["unfit"] == "source: this bundle scores no candidates"
    assert found["still"]["bundleHash"] == mine
    assert len(found["still"]["decisions"]) == 3
    assert found["back"] == {"before": mine, "after": found["shipped"]}
    assert found["sha256"] == found["now"]["bundleHash"] == found["shipped"]


def test_a_bundle_that_scores_no_candidates_says_so(library: Visit) -> None:
    body = """
        const model = await (await fetch("random.bundle")).arrayBuffer();
        const router = new library.Router(undefined, { model });
        const { candidates } = await router.ready;
        const error = await router.setCandidates(argument).catch(e => e.message);
        const { decisions } = await router.route({ prompt: "a", candidates: argument });
        return [candidates, error, decisions];
    """
    fault = "candidates: the loaded bundle scores none"
    assert evaluate(library, body, BY_TEXT) == [False, fault, []]


def test_the_readme_example_of_candidates_runs(visit: Any, site: Server) -> None:
    assert "setCandidates" in readme_examples()[1][0]
    one = visit()
    one.page.goto(site.url + "example-1.html")
    one.until(lambda: len(one.console) >= 2)
    assert len(one.console) == 2
    for line in one.console:
        assert re.fullmatch(r"log: (maths|code|travel) [01]\.\d\d [01]\.\d\d [01]\.\d\d", line)
