export { Router, init } from "./client.js";
export type { LoadOptions, RouteRequest } from "./client.js";
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
export type { Progress, RouterInfo, RuntimeInfo } from "./protocol.js";
export type { Reason, RoutingResponse } from "./response.js";
