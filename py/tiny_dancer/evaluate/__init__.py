"""Studies of a router: baselines, frontiers, results and pictures (extra `train`)."""
