import type {
  Experimental_DecisionModelV4 as DecisionModelV4,
  Experimental_DecisionModelV4Answer as Answer,
  Experimental_DecisionModelV4CallOptions as CallOptions,
  Experimental_DecisionModelV4Question as AskedQuestion,
} from "@ai-sdk/provider";
import type { Decided, Question, QuestionConfig } from "../page/decisions.js";

/** What a router has to have; `Router` of tiny-dancer does. */
export interface Decider {
  decide(
    state: unknown,
    questions: Readonly<Record<string, Question>>,
    configs?: Readonly<Record<string, QuestionConfig>>,
  ): PromiseLike<Decided>;
}

export interface DecisionsOptions {
  /** By a question's id what it means, where its labels are no names of models. */
  readonly questions?: Readonly<Record<string, QuestionConfig>>;
}

/**
 * The router as a decision model: answers which model a state needs, and whether one is enough. It
 * refuses all else (the SDK throws), and says why in `warnings`.
 */
export function decisions(router: Decider, { questions: configs = {} }: DecisionsOptions = {}): DecisionModelV4 {
  return {
    specificationVersion: "v4",
    provider: "tiny-dancer",
    modelId: "auto",
    supportedQuestionTypes: ["choice", "boolean"],
    async doDecide({ state, questions, abortSignal }) {
      abortSignal?.throwIfAborted();
      const asked = Object.fromEntries(Object.entries(questions).map(([id, one]) => [id, toQuestion(one)]));
      const { answers, refusals, figures } = await router.decide(state.map(toPart), asked, configs);
      abortSignal?.throwIfAborted();
      const ids = Object.keys(questions);
      return {
        answers: Object.fromEntries(ids.map((id) => [id, toAnswer(answers[id])])),
        warnings: refusals.map(({ question, message }) => ({ type: "other", message: `${question}: ${message}` })),
        usage: { inputTokens: 0, outputTokens: 0 },
        providerMetadata: { tinyDancer: JSON.parse(JSON.stringify(figures)) as Record<string, never> },
        response: { modelId: "auto" },
      };
    },
  };
}

function toQuestion(question: AskedQuestion): Question {
  if (question.type === "choice") return { type: "choice", criteria: question.criteria };
  return { type: question.type === "boolean" ? "noul" : question.type };
}

function toAnswer(answer: Decided["answers"][string] | undefined): Answer {
  if (!answer) return { type: "refusal" };
  if (answer.type === "noul") return { type: "boolean", probability: answer.noul };
  return { type: "choice", choice: answer.choice, probabilities: { ...answer.probabilities } };
}

/** A part without the bytes of its file, which nobody reads. */
function toPart(part: CallOptions["state"][number]): unknown {
  return part.type === "file" ? { type: "file", mediaType: part.mediaType } : part;
}
