/** One chat by the npm client: node client.mjs BASE_URL KEY MODEL STREAM PROMPT; prints what came. */
import OpenAI, { APIError } from "openai";

const [baseURL, apiKey, model, stream, content] = process.argv.slice(2);
const api = new OpenAI({ baseURL, apiKey, maxRetries: 0, timeout: 20_000 });
const got = { text: "", error: null, status: 200, code: null, served_by: null };
try {
  const body = { model, messages: [{ role: "user", content }], stream: stream === "true" };
  const { data, response } = await api.chat.completions.create(body).withResponse();
  got.served_by = response.headers.get("x-tiny-dancer-served-by");
  if (stream === "true") {
    for await (const chunk of data) got.text += chunk.choices[0]?.delta?.content ?? "";
  } else got.text = data.choices[0].message.content ?? `tool ${data.choices[0].message.tool_calls[0].function.name}`;
} catch (error) {
  if (!(error instanceof APIError)) throw error;
  got.error = error.constructor.name;
  got.status = error.status ?? 200;
  got.code = error.code ?? null;
}
console.log(JSON.stringify(got));
