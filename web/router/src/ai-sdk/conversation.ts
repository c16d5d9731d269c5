import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import { listTurns } from "../hybrid/turns.js";

/** The last user turn of a prompt, and whether users sent what is no text. */
export function readPrompt(prompt: LanguageModelV4Prompt): { text: string; hasFiles: boolean } {
  let hasFiles = false;
  const turns = prompt.flatMap((message) => {
    if (message.role !== "user") return [];
    const texts = message.content.flatMap((part) => (part.type === "text" ? [part.text] : []));
    hasFiles ||= message.content.some(({ type }) => type === "file");
    return [{ role: "user" as const, content: texts.join("\n") }];
  });
  return { text: listTurns(turns).at(-1) ?? "", hasFiles };
}
