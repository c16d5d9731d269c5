/** The npm client against a gateway: node npm_client.mjs BASE_URL KEY; prints what came as JSON. */
import OpenAI, { APIError } from "openai";

const [baseURL, apiKey] = process.argv.slice(2);
const api = new OpenAI({ baseURL, apiKey, maxRetries: 0, timeout: 20_000 });
const ask = (more, content = "What is the capital of France?") =>
  api.chat.completions.create({ model: "auto", messages: [{ role: "user", content }], ...more });

async function read(stream) {
  const got = { text: "" };
  try {
    for await (const chunk of stream) {
      got.text += chunk.choices[0]?.delta.content ?? "";
      got.usage = chunk.usage ?? got.usage;
    }
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    got.error = error.message;
  }
  return got;
}

async function refused(call) {
  try {
    await call();
  } catch (error) {
    return [error.status, error.code];
  }
  return null;
}

const chat = await ask();
const streamed = await read(await ask({ stream: true, stream_options: { include_usage: true } }));
const tools = [{ type: "function", function: { name: "now", parameters: { type: "object" } } }];
const tooled = await ask({ tools });
const completion = await api.completions.create({ model: "auto", prompt: "What is the capital of France?" });
const vectors = await api.embeddings.create({ model: "vectors", input: "a", encoding_format: "float" });
const models = await api.models.list();
const broken = await read(await ask({ model: "light", stream: true }, "do:cut"));

console.log(
  JSON.stringify({
    chat: chat.choices[0].message.content,
    stream: streamed.text,
    streamUsage: streamed.usage.total_tokens,
    tool: tooled.choices[0].message.tool_calls[0].function.name,
    completion: completion.choices[0].text,
    embedding: vectors.data[0].embedding,
    models: models.data.length,
    unknown: await refused(() => ask({ model: "nobody" })),
    key: await refused(() => api.withOptions({ apiKey: "wrong" }).models.list()),
    cut: [broken.text, broken.error],
  }),
);
