"""LangChain: a decision model, and a chat model that is two (extra `langchain`)."""

from .chat_model import RoutedChatModel, routed_chat_model
from .decision_model import TinyDancerDecisionModel

__all__ = ["RoutedChatModel", "TinyDancerDecisionModel", "routed_chat_model"]
