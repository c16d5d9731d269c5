/** What the page's policies say about a worker. */
import { LoadError } from "../protocol/errors.js";

/** Name of the policy that a page with Trusted Types has to allow. */
const TRUST = "tiny-dancer";

interface TrustedTypes {
  createPolicy(name: string, rules: object): { createScriptURL(url: string): string };
}

let policy: ReturnType<TrustedTypes["createPolicy"]> | undefined;

/** The address in the form that a page with Trusted Types asks for. */
export function trust(address: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (!trustedTypes) return address;
  try {
    policy ??= trustedTypes.createPolicy(TRUST, { createScriptURL: (url: string) => url });
  } catch (cause) {
    const why = "this page's Content-Security-Policy forbids a Trusted Types policy that the worker's start needs";
    throw new LoadError(`${address}: ${why}: trusted-types needs ${TRUST}`, { cause });
  }
  return policy.createScriptURL(address);
}

export interface Blocks {
  /** Directive of the Content-Security-Policy that forbade a worker. */
  readonly found: string | undefined;
  stop(): void;
}

/** Listens to what the page's Content-Security-Policy forbids, until it is stopped. */
export function watchPolicy(): Blocks {
  let found: string | undefined;
  const note = (event: Event) => {
    const { effectiveDirective } = event as SecurityPolicyViolationEvent;
    if (/^(worker|child|script|default)-src/.test(effectiveDirective)) found = effectiveDirective;
  };
  globalThis.addEventListener("securitypolicyviolation", note);
  const stop = () => {
    globalThis.removeEventListener("securitypolicyviolation", note);
  };
  return {
    get found() {
      return found;
    },
    stop,
  };
}
