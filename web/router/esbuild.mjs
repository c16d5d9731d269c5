/** A plugin for esbuild, which does not follow `new URL(file, import.meta.url)`. */
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const CLIENT = path.join(here, "dist", "index.js");
const RUNTIME = path.join(here, "runtime");
const NAMESPACE = "tiny-dancer-runtime";
const ADDRESS = /new URL\("\.\.\/runtime\/([^"]+)", import\.meta\.url\)/g;

/** Emits the files of the run time beside the bundle. The output has to be ES modules. */
export function tinyDancer() {
  return {
    name: "tiny-dancer",
    setup(build) {
      build.onLoad({ filter: /[\\/]dist[\\/]index\.js$/ }, ({ path: file }) => {
        return fs.realpathSync(file) === fs.realpathSync(CLIENT) ? { contents: importFiles(), loader: "js" } : undefined;
      });
      build.onResolve({ filter: /^tiny-dancer-runtime:/ }, ({ path: name }) => {
        return { path: path.join(RUNTIME, name.slice(NAMESPACE.length + 1)), namespace: NAMESPACE };
      });
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path: file }) => {
        return { contents: fs.readFileSync(file), loader: "file" };
      });
    },
  };
}

/** The client with an import in place of each address. */
function importFiles() {
  const imports = [];
  const text = fs.readFileSync(CLIENT, "utf8").replace(ADDRESS, (_, name) => {
    imports.push(`import file${imports.length} from "${NAMESPACE}:${name}";`);
    return `new URL(file${imports.length - 1}, import.meta.url)`;
  });
  return `${imports.join("\n")}\n${text}`;
}
