import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["**/dist/", "**/build/", "**/assets/"] },
  js.configs.recommended,
  {
    files: ["**/*.ts", "router/src/*.mjs"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ["router/tsconfig.json", "router/tsconfig.worker.json", "demo/tsconfig.json", "demo/tsconfig.sw.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
  },
  {
    files: ["**/*.mjs"],
    languageOptions: {
      globals: { console: "readonly", process: "readonly", URL: "readonly", WebAssembly: "readonly" },
    },
  },
  {
    files: ["**/*.mjs"],
    rules: { "no-unused-vars": ["error", { varsIgnorePattern: "^_" }] },
  },
  {
    rules: {
      eqeqeq: "error",
      "max-lines": ["error", 400],
    },
  },
);
