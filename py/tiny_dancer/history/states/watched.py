"""A policy whose drift is watched."""

from typing import NamedTuple

from ...policy import Policy


class Watched(NamedTuple):
    """A certified policy in service.

    Attributes:
        policy: with a certificate.
        bundle_hash: the bundle it is for.
        models: light and powerful.
    """

    policy: Policy
    bundle_hash: str
    models: tuple[str, ...]
