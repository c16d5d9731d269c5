export { decisions, type DecisionsOptions, type Decider } from "./decisions.js";
export { routed, type Price, type RoutedOptions, type RoutingRouter } from "./routed.js";
