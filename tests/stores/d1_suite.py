"""Promises, table and faults of D1, one after the other: one start of Pyodide and workerd."""

import json

from stores import d1_faults, d1_promises, d1_table


async def main(database, _) -> str:
    return json.dumps(
        {
            "table": json.loads(await d1_table.main(database, "")),
            "promises": json.loads(await d1_promises.main(database, "")),
            "faults": json.loads(await d1_faults.main(database, "")),
        }
    )
