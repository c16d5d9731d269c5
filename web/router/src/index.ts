export { init, Router } from "./page/router.js";
export type { Lease, Mode, Report } from "./page/breaker.js";
export type { Candidate, Vector } from "./page/candidate.js";
export { RouterConfig } from "./page/config.js";
export type { BreakerSettings, HistorySettings, RouterSettings } from "./page/config.js";
export type {
  CandidateStatistics,
  DecisionRecord,
  Drift,
  Evidence,
  Imported,
  Metrics,
  ModelStatistics,
  Statistics,
} from "./page/history.js";
export type { Decided, DecidedAnswer, Question, QuestionConfig } from "./page/decisions.js";
export type { LoadOptions, ModelBytes } from "./page/options.js";
export type { Outcome } from "./page/outcome.js";
export type { RouteRequest } from "./page/request.js";
export type { Features, Reason, RoutingDecision, RoutingResponse } from "./page/response.js";
export type {
  CalibrateOptions,
  CertifiedPolicy,
  Explanation,
  Learned,
  Measure,
  Span,
} from "./page/trust.js";
export { estimate, persist } from "./page/storage.js";
export type { StorageKind } from "./page/storage-kind.js";
export type { BundleFacts, Progress, Reloaded, RouterInfo, RuntimeInfo } from "./protocol/calls.js";
export {
  BundleError,
  ClosedError,
  InvalidInputError,
  KernelError,
  LoadError,
  NotEnoughData,
  PolicyError,
  SchemaError,
  StoreCorruptError,
  StoreError,
  StoreFullError,
  StoreLockedError,
  TinyDancerError,
  toError,
  WorkerError,
} from "./protocol/errors.js";
export type { ErrorRecord } from "./protocol/errors.js";
