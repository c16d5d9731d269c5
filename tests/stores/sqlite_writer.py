"""A process that writes and says what was acknowledged: PATH NAME COUNT. Used by the tests."""

import asyncio
import sys

from stores.samples import decision

from tiny_dancer.history import Outcome, Storage

path, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with Storage(path, busy_s=300) as storage:
    print("open", flush=True)
    for batch in range(0, count, 5):
        ids = [f"{name}-{n}" for n in range(batch, min(batch + 5, count))]
        storage.record_routings([decision(0, decision_id=i) for i in ids])
        print(f"decision {ids[-1]}", flush=True)
        if batch % 25:
            continue
        storage.record_outcome(Outcome(decision_id=ids[-1], at=1.0, cost=1.0))
        print(f"outcome {ids[-1]}", flush=True)
        asyncio.run(storage._store.swap_state("breaker", name, ids[-1], batch // 25))
        print(f"state {batch // 25 + 1}", flush=True)
