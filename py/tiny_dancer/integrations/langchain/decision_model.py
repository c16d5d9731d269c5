"""The router as LangChain's decision model."""

from typing import Any

from langchain_core.decisions import (
    BaseDecisionModel,
    ChoiceAnswer,
    ClassifierResponse,
    NoulAnswer,
)
from langchain_core.decisions import Question as LangChainQuestion
from pydantic import ConfigDict, Field, field_validator

from ... import decisions
from ...decisions import Question, Refusal, read_question_configs
from ...decisions.answers import write_label
from ...decisions.system_one import KINDS
from ...router import Router
from ..conversation import answer_conversation, open_router
from .messages import to_plain


class TinyDancerDecisionModel(BaseDecisionModel):
    """Answers which model a state needs, and whether one is enough; drives `ModelRouterMiddleware`.

    A choice is answered whose labels are `light`, `powerful` or the bundle's own names, or that
    `questions` maps to them by the question's id; a noul that `questions` gives a `predicate`. All
    others raise a `NotImplementedError` that names the question. An answer's `request_id` is the
    decision's id, which takes outcomes. Pickled and dumped as LangChain does it; the router opens
    where it is first used.

    Args:
        questions: such as `{"model_route": {"labels": {"fast": "light", "deep": "powerful"}}}`.
        bundle: its file; the shipped one where left out.
        policy: file of a certified policy.
        router: decides instead of one of these files; it cannot be pickled.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    model: str = "auto"
    questions: dict[str, dict[str, Any]] = Field(default_factory=dict)
    bundle: str | None = None
    policy: str | None = None
    router: Router | None = None

    @field_validator("questions")
    @classmethod
    def _check_questions(cls, raw: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        read_question_configs(raw)
        return raw

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """True."""
        return True

    @property
    def _provider(self) -> str:
        return "tiny_dancer"

    def _classify(self, state: Any, questions: dict[str, LangChainQuestion]) -> ClassifierResponse:
        router = self.router or open_router(self.bundle, self.policy)
        asked = [
            Question(KINDS[one.type], id_, tuple(one.criteria) if one.type == "choice" else ())
            for id_, one in questions.items()
        ]
        configs = read_question_configs(self.questions)
        response, answers = answer_conversation(router, to_plain(state), asked, configs)
        written = {id_: _write(id_, answer) for id_, answer in zip(questions, answers, strict=True)}
        return ClassifierResponse(
            model=self.model, answers=written, request_id=response.decision_id
        )

    async def _aclassify(
        self, state: Any, questions: dict[str, LangChainQuestion]
    ) -> ClassifierResponse:
        return self._classify(state, questions)  # microseconds: no thread is worth it


def _write(id_: str, answer: decisions.Answer) -> ChoiceAnswer | NoulAnswer:
    if isinstance(answer, Refusal):
        raise NotImplementedError(f"question {id_!r}: {answer.why}")
    if isinstance(answer, decisions.PredicateAnswer):
        return NoulAnswer(type="noul", noul=answer.probability)
    return ChoiceAnswer(
        type="choice",
        choice=write_label(answer.choice),
        probabilities={write_label(label): p for label, p in answer.probabilities},
        confidence=answer.confidence,
    )
