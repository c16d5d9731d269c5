"""Settings that the engines read as they are imported."""

import os

os.environ |= {
    "DO_NOT_TRACK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    # Without it Ray takes 127.0.0.1 for the machine's address, where nobody listens.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "SPARK_LOCAL_IP": "127.0.0.1",
}
