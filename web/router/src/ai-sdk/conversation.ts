import type { LanguageModelV4Message, LanguageModelV4Prompt } from "@ai-sdk/provider";
import { listTurns } from "../hybrid/turns.js";

/** The last user turn of a prompt, and whether any message holds what is no text. */
export function readPrompt(prompt: LanguageModelV4Prompt): { text: string; hasFiles: boolean } {
  const turns = prompt.flatMap((message) => {
    if (message.role !== "user") return [];
    const texts = message.content.flatMap((part) => (part.type === "text" ? [part.text] : []));
    return [{ role: "user" as const, content: texts.join("\n") }];
  });
  return { text: listTurns(turns).at(-1) ?? "", hasFiles: prompt.some(holdsFile) };
}

/** Whether a user, a model or a tool sent a file: all of a prompt goes to the model. */
function holdsFile({ role, content }: LanguageModelV4Message): boolean {
  if (role === "system") return false;
  return content.some((part) => {
    if (part.type === "file" || part.type === "reasoning-file") return true;
    if (part.type !== "tool-result" || part.output.type !== "content") return false;
    return part.output.value.some(({ type }) => type === "file");
  });
}
