"""A hundred clients at once, of whom a third leaves: nobody waits for ever, nothing is lost."""

import asyncio

import httpx
import pytest
from gateway.asking import EASY, chat, told
from gateway.running import KEY, Running, config_of
from patience import PATIENCE_S, wait_until

N = 100


async def crowd(gateway: Running, stream: bool) -> list[httpx.Response | None]:
    """Answers in order; None for the clients that left."""
    headers = {"authorization": f"Bearer {KEY}"}
    limits = httpx.Limits(max_connections=N)
    async with httpx.AsyncClient(
        base_url=gateway.url, headers=headers, timeout=PATIENCE_S, limits=limits, trust_env=False
    ) as http:

        async def one(n: int) -> httpx.Response | None:
            text = f"{EASY} do:stall" if n % 3 == 0 else EASY
            asking = asyncio.ensure_future(
                http.post("/v1/chat/completions", json=chat(text, model="light", stream=stream))
            )
            if n % 3:
                return await asking
            await gone.wait()
            asking.cancel()
            return None

        gone = asyncio.Event()
        every = [asyncio.ensure_future(one(n)) for n in range(N)]
        await asyncio.gather(*(task for n, task in enumerate(every) if n % 3))
        gone.set()
        return list(await asyncio.gather(*every))


@pytest.mark.parametrize("stream", [False, True])
def test_a_third_of_the_clients_leaves(light, powerful, stream):
    gateway = Running(config_of(light.url, powerful.url))
    try:
        answers = asyncio.run(asyncio.wait_for(crowd(gateway, stream), PATIENCE_S))
        assert [answer is None for answer in answers] == [n % 3 == 0 for n in range(N)]
        ids = {told(answer)["decision-id"] for answer in answers if answer is not None}
        assert len(ids) == N - N // 3 - 1
        assert all(answer.status_code == 200 for answer in answers if answer is not None)
        light.wait_for_left(N // 3 + 1)
        wait_until(lambda: len(gateway.decisions()) == N)  # an upstream may hear of it first
        records = gateway.decisions()
        assert ids <= {record.decision_id for record in records}
        stats = gateway.wait(gateway.gateway.store.statistics())
        assert stats.models[0].tokens_out == 4 * len(ids)
        assert gateway.router.circuit_breaker_status("light") is True
    finally:
        gateway.close()


def test_a_client_that_leaves_cancels_the_upstream(running, light, powerful):
    gateway = running()
    light.behaviour = "slow headers"

    async def leave() -> None:
        async with httpx.AsyncClient(
            base_url=gateway.url, trust_env=False, timeout=PATIENCE_S
        ) as http:
            headers = {"authorization": f"Bearer {KEY}"}
            asking = asyncio.ensure_future(
                http.post("/v1/chat/completions", json=chat(), headers=headers)
            )
            await asyncio.to_thread(light.wait_for_calls, 1)
            asking.cancel()

    asyncio.run(leave())
    light.wait_for_left(1)
