"""What can be answered as a decision: which model, and whether a model is enough.

The interfaces of decision models ask typed questions about a state: the gateway's endpoints and the
libraries answer them by this one core (docs/decisions.md).
"""

from .answer import Answer, ChoiceAnswer, PredicateAnswer, Refusal
from .answers import answer_questions
from .question import Question
from .question_config import QuestionConfig, check_models, read_question_configs
from .state import State, read_state

__all__ = [
    "Answer",
    "ChoiceAnswer",
    "PredicateAnswer",
    "Question",
    "QuestionConfig",
    "Refusal",
    "State",
    "answer_questions",
    "check_models",
    "read_question_configs",
    "read_state",
]
