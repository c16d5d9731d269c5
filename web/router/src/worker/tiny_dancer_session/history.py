"""The history of a router that has a store."""

from typing import Any

from tiny_dancer.history.readings.as_json import decision_json, statistics_json
from tiny_dancer.history.readings.export import import_lines

from .replies import encode_awaited, encode_error
from .routers import get_drained_store, get_router, get_store, get_stored_routers


async def drain() -> None:
    """Write what is queued in all routers; what fails stays queued for the next time."""
    for router in get_stored_routers():
        await router.drain()


async def flush(number: int) -> str:
    """Write everything that is queued."""
    return await encode_awaited(get_router(number).flush())


async def stats(number: int) -> str:
    """Totals since the store was made, with what is queued if that can be written."""

    async def work() -> dict[str, Any]:
        store = await get_drained_store(number)
        return statistics_json(await store.statistics())

    return await encode_awaited(work())


async def history(number: int, limit: int, offset: int) -> str:
    """Decisions, the latest first."""

    async def work() -> list[dict[str, Any]]:
        store = await get_drained_store(number)
        return [decision_json(one) for one in await store.query_routings(limit, offset)]

    return await encode_awaited(work())


async def export_history(number: int) -> Any:
    """A Blob with the lines of an export, or an error."""
    try:
        from tiny_dancer.history.readings.blob import export_blob

        return await export_blob(await get_drained_store(number))
    except Exception as error:
        return encode_error(error)


async def import_history(number: int, blob: Any) -> str:
    """Add the records of an export; how many were new, by kind."""
    from tiny_dancer.history.readings.blob import blob_lines

    async def work() -> dict[Any, int]:
        try:
            return await import_lines(get_store(number), blob_lines(blob))
        finally:
            await get_router(number).refresh()  # breakers and policies may be among them

    return await encode_awaited(work())


async def delete_all(number: int) -> str:
    """Delete the history."""

    async def work() -> None:
        get_store(number)
        await get_router(number).delete_all()

    return await encode_awaited(work())
