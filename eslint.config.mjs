/** For all JavaScript and TypeScript of this repository. */
import js from "@eslint/js";
import tseslint from "typescript-eslint";

const GLOBALS = [
  ...["AbortController", "AbortSignal", "Blob", "Buffer", "console", "crypto", "DOMException", "Event", "EventTarget", "fetch", "Headers", "IdentityTransformStream", "performance", "process"],
  ...["ReadableStream", "Response", "setTimeout", "clearTimeout", "structuredClone", "TextDecoder", "TextEncoder", "URL"],
  "WebAssembly",
];

export default tseslint.config(
  { ignores: ["**/dist/", "**/build/", "**/runtime/", "**/node_modules/", ".venv/", ".tools/", "tests/stores/tab/"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: [
          "web/router/tsconfig.json",
          "web/router/tsconfig.test.json",
          "web/router/tsconfig.worker.json",
          "web/router/tsconfig.node.json",
          "web/demo/tsconfig.json",
          "web/demo/tsconfig.sw.json",
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
  },
  {
    files: ["**/*.mjs"],
    languageOptions: { globals: Object.fromEntries(GLOBALS.map((name) => [name, "readonly"])) },
  },
  {
    plugins: { "@typescript-eslint": tseslint.plugin },
    rules: {
      eqeqeq: "error",
      "max-lines": ["error", 300],
      "no-unused-vars": "off",
      "@typescript-eslint/no-unused-vars": ["error", { varsIgnorePattern: "^_", argsIgnorePattern: "^_" }],
    },
  },
);
