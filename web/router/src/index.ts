export { Router, init } from "./client.js";
export type { Candidate, Vector } from "./candidate.js";
export type { LoadOptions, ModelBytes, RouteRequest, StorageKind } from "./client.js";
export { RouterConfig } from "./config.js";
export type { BreakerSettings, HistorySettings, RouterSettings } from "./config.js";
export {
  BundleError,
  ClosedError,
  InvalidInputError,
  KernelError,
  LoadError,
  PolicyError,
  SchemaError,
  StoreCorruptError,
  StoreError,
  StoreFullError,
  StoreLockedError,
  TinyDancerError,
} from "./errors.js";
export type { Imported, Lease, Outcome, Report } from "./feedback.js";
export type { BundleFacts, Progress, Reloaded, RouterInfo, RuntimeInfo } from "./protocol.js";
export type {
  CandidateStatistics,
  DecisionRecord,
  Metrics,
  Mode,
  ModelStatistics,
  Statistics,
} from "./readings.js";
export type { Features, Reason, RoutingDecision, RoutingResponse } from "./response.js";
export { estimate, persist } from "./storage.js";
