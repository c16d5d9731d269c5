"""Agent sessions over two processes of `tiny-dancer serve`, killed and reloaded meanwhile."""

import json
from contextlib import ExitStack

import httpx
import pytest
from gateway.agents.agent import AGENTS
from gateway.agents.conftest import NATIVE
from gateway.agents.strict import count_torn
from gateway.agents.test_agent_sessions import NAMES, WAYS
from gateway.asking import EASY, HARD
from gateway.processes import serve
from gateway.running import ADMIN
from patience import PATIENCE_S


class Pair:
    """Two processes, each with its config; what one keeps, the other reads where they share."""

    def __init__(self, field, folder, api, *, shares):
        self._field, self._stacks = field, [ExitStack(), ExitStack()]
        self._configs, self._folders = [], []
        for n in range(2):
            file = folder / f"history-{0 if shares else n}.db"
            breaker = {"consecutive_failures": 1, "open_s": 600.0}
            raw = field.config(api, storage={"path": str(file)}, breaker=breaker)
            self._configs.append(raw)
            self._folders.append(folder / f"process-{n}")
            self._folders[n].mkdir()
            field.urls.append(self._start(n))

    def _start(self, n):
        self._served = self._stacks[n].enter_context(serve(self._configs[n], self._folders[n]))
        return self._served.url

    def kill(self):
        """End the second one without a chance to write anything, and start it on another port."""
        self._served.process.kill()
        self._stacks[1].close()
        self._field.urls[1] = self._start(1)

    def reload(self):
        """The upstreams in another order, with other prices, in both."""
        for url, raw, folder in zip(self._field.urls, self._configs, self._folders, strict=True):
            raw["upstreams"].reverse()
            raw["upstreams"][-1]["price_in"] = 0.5
            (folder / "gateway.json").write_text(json.dumps(raw))
            headers = {"authorization": f"Bearer {ADMIN}"}
            answer = httpx.post(
                f"{url}/admin/reload", json={}, headers=headers, trust_env=False, timeout=PATIENCE_S
            )
            assert answer.status_code == 200, answer.text

    def close(self):
        for stack in self._stacks:
            stack.close()


@pytest.mark.parametrize(
    ("name", "api", "shares"),
    [*((*way, True) for way in WAYS), ("messages", NATIVE, False)],
    ids=[*(f"{name} one store" for name in NAMES), "messages native two stores"],
)
def test_no_loop_is_torn_by_failures_breakers_kills_and_reloads(field, tmp_path, name, api, shares):
    pair, kind, opened = Pair(field, tmp_path, api, shares=shares), AGENTS[name], []

    def open_agent(system, **more):
        opened.append(kind(field.urls, system, **more))
        return opened[-1]

    def disturb(n):
        if n == 4:
            open_agent("You search.").turn(f"{EASY} [first turn 1 calls 6]")
        if n == 7:
            open_agent("You plan.").turn(f"{HARD} [second turn 1 calls 6]")
        if n == 10:
            sum_up = open_agent("You sum up.")
            sum_up.history = list(main.history)
            sum_up.turn("Sum up what was said and done so far. [third turn 1 calls 0]")
        if n == 12:  # its breaker opens with the first failure
            field.light.status = 503
        if n == 14:
            field.light.status = 503
            open_agent("You try.", recover=field.recover).turn(f"{EASY} [fourth turn 1 calls 6]")
            field.recover()
        if n == 16:
            pair.kill()
            for one in opened:
                one.follow(field.urls)
        if n == 18:
            pair.reload()

    try:
        main = open_agent("You code.", before=disturb, recover=field.recover)
        main.turn(f"{EASY} [main turn 1 calls 50]")
        main.before = lambda _: None
        main.turn(f"{HARD} [main turn 2 calls 5]")
        main.turn("commit it [main turn 3 calls 3]")
    finally:
        for one in opened:
            one.close()
        pair.close()
    assert field.refused == []
    moved = {("main", 1), ("fourth", 1)}
    assert count_torn(field.log, moved) == 0
    served = {}
    for one in field.log:
        served.setdefault((one.session, one.turn), []).append(one.upstream)
    is_sealed = api == NATIVE and name != "chat"
    assert served["main", 1] == ["small"] * (26 if is_sealed else 12) + ["big"] * (
        0 if is_sealed else 14
    )
    assert main.failures == (1 if is_sealed else 0)  # whose thinking it is, alone can go on
    assert served["first", 1] == ["small"] * 4 and served["second", 1] == ["big"] * 4
    assert served["fourth", 1] == ["big"] * 4  # it began while the light one failed
    assert len(served["third", 1]) == 1
    assert served["main", 2] == ["big"] * 4 and served["main", 3] == ["big"] * 3
