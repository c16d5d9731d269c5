/** For what lies outside web/, which has its own. */
import js from "@eslint/js";

const NAMES = [
  ...["AbortController", "Buffer", "console", "crypto", "fetch", "performance", "process", "ReadableStream"],
  ...["Response", "TextDecoder", "URL", "WebAssembly"],
];

export default [
  js.configs.recommended,
  {
    files: ["pack/**/*.mjs", "worker/**/*.mjs", "tests/edge/*.mjs"],
    languageOptions: { globals: Object.fromEntries(NAMES.map((name) => [name, "readonly"])) },
    rules: {
      eqeqeq: "error",
      "max-lines": ["error", 400],
      "no-unused-vars": ["error", { varsIgnorePattern: "^_", argsIgnorePattern: "^_" }],
    },
  },
];
