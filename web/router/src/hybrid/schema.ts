/** Whether a value keeps a JSON Schema, by the keywords that describe the shape of an answer. */
import type { Schema } from "./request.js";

type Check = (given: never, value: never, root: Schema) => boolean;

const isObject = (value: unknown): value is Record<string, unknown> => {
  return typeof value === "object" && value !== null && !Array.isArray(value);
};
const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: Number.isInteger,
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
};

const ANY: Readonly<Record<string, Check>> = {
  $ref: (path: string, value: unknown, root) => matchesSchema(value, findReferred(path, root), root),
  type: (names: string | string[], value: unknown) => [names].flat().some((name) => TYPES[name]?.(value) ?? true),
  enum: (values: unknown[], value: unknown) => values.some((one) => isSame(one, value)),
  const: (one: unknown, value: unknown) => isSame(one, value),
  anyOf: (some: unknown[], value: unknown, root) => some.some((one) => matchesSchema(value, one, root)),
  oneOf: (some: unknown[], value: unknown, root) => some.filter((one) => matchesSchema(value, one, root)).length === 1,
  allOf: (all: unknown[], value: unknown, root) => all.every((one) => matchesSchema(value, one, root)),
};

const OF_OBJECTS: Readonly<Record<string, Check>> = {
  required: (names: string[], value: object) => names.every((name) => Object.hasOwn(value, name)),
  properties: (known: Schema, value: Record<string, unknown>, root) => {
    return Object.keys(known).every((name) => !Object.hasOwn(value, name) || matchesSchema(value[name], known[name], root));
  },
};

const OF_ARRAYS: Readonly<Record<string, Check>> = {
  items: (each: unknown, value: unknown[], root) => value.every((entry) => matchesSchema(entry, each, root)),
  minItems: (least: number, value: unknown[]) => value.length >= least,
  maxItems: (most: number, value: unknown[]) => value.length <= most,
};

const OF_STRINGS: Readonly<Record<string, Check>> = {
  minLength: (least: number, value: string) => value.length >= least,
  maxLength: (most: number, value: string) => value.length <= most,
  pattern: (source: string, value: string) => new RegExp(source, "u").test(value),
};

const OF_NUMBERS: Readonly<Record<string, Check>> = {
  minimum: (least: number, value: number) => value >= least,
  maximum: (most: number, value: number) => value <= most,
};

/** True where the value keeps the schema; keywords that are not known here are not checked. */
export function matchesSchema(value: unknown, schema: unknown, root: Schema = schema as Schema): boolean {
  if (typeof schema === "boolean") return schema;
  if (!isObject(schema)) return true;
  const checks = { ...ANY, ...listChecks(value) };
  for (const [keyword, given] of Object.entries(schema)) {
    if (checks[keyword]?.(given as never, value as never, root) === false) return false;
  }
  return !isObject(value) || keepsToKnown(value, schema, root);
}

function listChecks(value: unknown): Readonly<Record<string, Check>> {
  if (Array.isArray(value)) return OF_ARRAYS;
  if (typeof value === "string") return OF_STRINGS;
  return typeof value === "number" ? OF_NUMBERS : isObject(value) ? OF_OBJECTS : {};
}

function keepsToKnown(value: Record<string, unknown>, schema: Schema, root: Schema): boolean {
  const { additionalProperties: others = true, properties: known = {} } = schema as { properties?: object } & Schema;
  return Object.keys(value).every((name) => Object.hasOwn(known, name) || matchesSchema(value[name], others, root));
}

/** What a `$ref` within the schema names; what is not found is not checked. */
function findReferred(path: string, root: Schema): unknown {
  const names = path.split("/").slice(1);
  return names.reduce<unknown>((found, name) => {
    return isObject(found) ? found[name.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  }, root);
}
