"""PolicyFollower: which policy a loaded bundle decides by, and what is amiss with it."""

from dataclasses import replace

from .config import RouterConfig
from .errors import InvalidInputError
from .history.states.reading import Reading
from .history.states.views import Views
from .history.states.watched import Watched
from .loaded_bundle import LoadedBundle
from .policy import Policy
from .policy.policy import check_policy
from .reason import Reason


class PolicyFollower:
    """Keeps the rule of a loaded bundle up with what was last read of the store.

    Args:
        views: what is known of the store; its policies are followed where none is given.
        policy: to decide by before any other; None where none was given. It may be replaced.
    """

    def __init__(self, views: Views, policy: Policy | None) -> None:
        self._views = views
        self.policy = policy

    def is_behind(self, loaded: LoadedBundle) -> bool:
        """True where the store was read since the rule was made."""
        return loaded.followed is not self._views.reading

    def follow(self, loaded: LoadedBundle, reading: Reading | None = None) -> LoadedBundle:
        """The bundle with the policy given, else stored for it, else its own; doubts included.

        A stored one that cannot be read may be newer than any other: nothing is gone by then, but
        for a policy that was given without a certificate.

        Args:
            loaded: the bundle.
            reading: of the store; the one in service where None.
        """
        reading = reading or self._views.reading
        _, stored = reading.policies.get(loaded.bundle.bundle_hash, (None, None))
        policy, doubt = self.policy or stored, None
        if policy is not None and stored is not None and _is_stale(policy, stored):
            doubt = Reason.POLICY_STALE
        is_unreadable = loaded.bundle.bundle_hash in reading.unreadable
        if is_unreadable and (policy is None or policy.certificate is not None):
            doubt = Reason.POLICY_STALE
        drift, deciding = reading.drift, policy or loaded.bundle.policy
        if drift is not None and drift.policy_id == deciding.id:
            doubt = Reason.DRIFT_ALARM if drift.state == "alarm" else doubt
        return replace(loaded, rule=loaded.make_rule(policy, doubt), followed=reading)


def check_given(policy: Policy | None, config: RouterConfig) -> Policy | None:
    """A policy to decide by before any other.

    Raises:
        InvalidInputError: it is none, or the settings have a gate beside it.
    """
    if policy is not None and config.has_gate:
        raise InvalidInputError(
            "policy: a policy and confidence_threshold or max_uncertainty exclude each other"
        )
    return policy if policy is None else check_policy(policy)


def find_watched(loaded: LoadedBundle) -> Watched | None:
    """The certified policy that a bundle decides by; None where there is none to watch."""
    policy, doubt = loaded.rule.policy, loaded.rule.doubt
    if policy.certificate is None or policy.target is None or len(loaded.models) != 2:
        return None
    if doubt in (Reason.POLICY_MISMATCH, Reason.POLICY_STALE):
        return None
    return Watched(policy, loaded.bundle.bundle_hash, tuple(loaded.models))


def _is_stale(policy: Policy, stored: Policy) -> bool:
    """True where the stored one is of the same target and was calibrated on a later day."""
    ours, theirs = policy.certificate, stored.certificate
    if ours is None or theirs is None or policy.target != stored.target:
        return False
    return theirs.date > ours.date
