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
      globals: Object.fromEntries(
        ["console", "fetch", "performance", "process", "Response", "structuredClone", "URL", "WebAssembly"].map(
          (name) => [name, "readonly"],
        ),
      ),
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
