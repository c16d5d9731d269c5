import type { Plugin } from "esbuild";

/** Emits the files of the run time beside the bundle. The output has to be ES modules. */
export declare function tinyDancer(): Plugin;
