"""The dearest model that each conversation has come to, as far as this process remembers.

Best effort: the user turns in a request say the same, unless the client leaves the old ones out.
"""

from collections import OrderedDict
from typing import Final

MAX_ID_CHARS: Final = 200


class Sessions:
    """A bounded map; the conversation longest not heard of is forgotten first.

    Args:
        most: conversations to remember.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._floors: OrderedDict[tuple[str, str], int] = OrderedDict()

    def escalate(self, caller: str, conversation: str | None, floor: int) -> int:
        """The floor of a conversation from now on: the one remembered, or the one given if dearer.

        Args:
            caller: whose it is; nobody meets another's conversations.
            conversation: its id; None or one longer than 200 characters is not remembered.
            floor: index of a model, 0 for the cheapest.
        """
        if not conversation or len(conversation) > MAX_ID_CHARS or not self._most:
            return floor
        floor = self.find(caller, conversation, floor)
        key = caller, conversation
        self._floors.pop(key, None)
        self._floors[key] = floor
        if len(self._floors) > self._most:
            self._floors.popitem(last=False)
        return floor

    def find(self, caller: str, conversation: str, floor: int) -> int:
        """The same, and nothing is remembered of it."""
        return max(floor, self._floors.get((caller, conversation), 0))
