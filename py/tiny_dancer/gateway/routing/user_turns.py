"""The user turns of a conversation, found among its messages. Pure."""

from ...turns import is_short
from .injected import strip_injected


class UserTurns:
    """Finds the user turns among messages; what a coding tool adds by itself is none.

    Neither is a message of images alone behind the result of a tool: chat has no other place for
    the images of a result. Nor is a short one there, such as "continue", or of white space alone:
    no model has answered the result yet, and that is for the one that asked for it.

    Args:
        size: bytes of what stands before the messages.

    Attributes:
        texts: of the turns.
        sizes: bytes of the prompt up to each turn.
        size: bytes of all.
        last: place of the last turn; 0 where there is none.
        behind: how many messages with results stand right before the last turn, unanswered.
        injected: the last text of a message that is no turn; empty where there is none.
        system: texts of the system prompts before the first other message.
    """

    def __init__(self, size: int) -> None:
        self.texts: list[str] = []
        self.sizes: list[int] = []
        self.size, self.last, self.behind = size, 0, 0
        self.injected = ""
        self.system: list[str] = []
        self._n = 0
        self._results: int | None = None  # where those begin that no model has answered

    def add(self, role: str, text: str, more: int) -> None:
        """The next message: its role, its text, and bytes of what it holds beside."""
        self.size += len(text.encode("utf-8", "surrogatepass")) + more
        is_system = role in ("system", "developer")
        if is_system and len(self.system) == self._n:
            self.system.append(text)
        if role == "user":
            said = strip_injected(text)
            is_injected = bool(text.strip()) and not said
            if is_injected or (self._results is not None and is_short(said)):
                self.injected = text or self.injected
            else:
                self.texts.append(said)
                self.sizes.append(self.size)
                self.behind = 0 if self._results is None else self._n - self._results
                self.last, self._results = self._n, None
        elif role not in ("tool", "function"):
            self._results = None
        elif self._results is None:
            self._results = self._n
        self._n += 1
