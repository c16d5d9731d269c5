/** The Python package tiny_dancer_session, written into Pyodide's file system. */
import init from "./tiny_dancer_session/__init__.py";
import args from "./tiny_dancer_session/arguments.py";
import breaker from "./tiny_dancer_session/breaker.py";
import decisions from "./tiny_dancer_session/decisions.py";
import history from "./tiny_dancer_session/history.py";
import replies from "./tiny_dancer_session/replies.py";
import routers from "./tiny_dancer_session/routers.py";
import routing from "./tiny_dancer_session/routing.py";
import trust from "./tiny_dancer_session/trust.py";

const TEXTS = {
  "__init__.py": init,
  "arguments.py": args,
  "breaker.py": breaker,
  "decisions.py": decisions,
  "history.py": history,
  "replies.py": replies,
  "routers.py": routers,
  "routing.py": routing,
  "trust.py": trust,
};

const encoder = new TextEncoder();

/** Bytes by path. */
export const SOURCES: Readonly<Record<string, Uint8Array>> = Object.fromEntries(
  Object.entries(TEXTS).map(([name, text]) => [`tiny_dancer_session/${name}`, encoder.encode(text)]),
);
