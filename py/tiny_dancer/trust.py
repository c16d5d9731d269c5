"""Trust: what a router does about its own promises, beside deciding."""

from typing import TYPE_CHECKING, Any, cast

from .calibrator import calibrate_router
from .history.recorder import Recorder

if TYPE_CHECKING:
    from .adapt.ladder import Learned
    from .drift import Drift
    from .explanation import Explanation
    from .policy import Policy


class Trust:
    """Certifies a policy, says when its certificate no longer holds, and explains decisions."""

    _history: Recorder

    calibrate = calibrate_router

    def use_policy(self, policy: "Policy | None") -> None:
        """Decide by a policy from now on, as if it had been given to the constructor.

        Args:
            policy: None for the stored one of the bundle, else the bundle's own.

        Raises:
            InvalidInputError: not a policy, or the settings have a gate beside it.
        """
        cast("Any", self)._service.use_policy(policy)
        self._history.expire()  # what its monitors say is read next

    def explain(self, prompt: str) -> "Explanation":
        """What moves the decision on a prompt: its words, its cues, and prompts like it.

        Args:
            prompt: the text; it is scored at most 65 times, and nothing is kept.

        Raises:
            InvalidInputError: not a text, or there is no bundle.
        """
        from .explanation import explain_prompt

        return explain_prompt(cast("Any", self), prompt)  # a Router, which has `score`

    async def adapt(self, *, apply: bool = True) -> "Learned":
        """The highest rung of the ladder that wins on stored outcomes held out (docs/adapt.md).

        Args:
            apply: True puts the new bundle into service here; keep `bundle` to have it elsewhere.
                Its certificate has to come from outcomes of its own scores.

        Raises:
            InvalidInputError: there is no store or bundle, or too few paired outcomes with inputs.
            StoreError: the store cannot be read.
        """
        from .adapter import adapt_router

        return await adapt_router(cast("Any", self), apply=apply)

    def drift(self) -> "Drift | None":
        """The monitors of the certified policy in service, as last read; None where there is none.

        What counts, and how late a change is found: docs/trust.md.
        """
        return self._history.views.drift

    async def acknowledge_drift(self) -> "Drift | None":
        """Go by the certified policy again after an alarm, with no evidence against it.

        Raises:
            StoreError: it could not be stored, and the alarm stays.
        """
        await self._history.flush()
        await self._history.refresh()
        await self._history.views.restart_drift(self._history.clock())
        return self.drift()
