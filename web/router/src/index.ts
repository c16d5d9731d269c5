export { Router, init } from "./client.js";
export type { Candidate, Vector } from "./candidate.js";
export type { LoadOptions, ModelBytes, RouteRequest } from "./client.js";
export { RouterConfig } from "./config.js";
export type { RouterSettings } from "./config.js";
export {
  BundleError,
  ClosedError,
  InvalidInputError,
  KernelError,
  LoadError,
  PolicyError,
  TinyDancerError,
} from "./errors.js";
export type { BundleFacts, Progress, Reloaded, RouterInfo, RuntimeInfo } from "./protocol.js";
export type { Features, Reason, RoutingDecision, RoutingResponse } from "./response.js";
