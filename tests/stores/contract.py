"""What every store promises, as plain coroutines: no test framework, so they run on every host.

A promise takes `open_store`: each call of it opens the same fresh storage once more (two handles
are two processes' or two tabs' views of it). `open_store.durable` tells whether a handle opened
after the last one was closed still finds everything.
"""

from stores import (
    candidate_promises,
    decision_promises,
    export_promises,
    handle_promises,
    outcome_promises,
    shared_breaker,
    state_promises,
    total_promises,
)

PROMISES = tuple(
    promise
    for module in (
        candidate_promises,
        decision_promises,
        outcome_promises,
        total_promises,
        state_promises,
        export_promises,
        handle_promises,
        shared_breaker,
    )
    for name, promise in vars(module).items()
    if name.startswith("promise_")
)
