/** The npm clients of OpenAI and Anthropic: node npm_clients.mjs URL KEY MODEL; prints what came. */
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

const [url, apiKey, model] = process.argv.slice(2);
const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0, timeout: 20_000 });
const anthropic = new Anthropic({ baseURL: url, apiKey, maxRetries: 0, timeout: 20_000 });
const EASY = "What is the capital of France?";
const schema = { type: "object", properties: { city: { type: "string" } } };
const got = {};

// ---------------------------------------------------------------- messages
const turn = { role: "user", content: EASY };
const ask = {
  model,
  max_tokens: 5000,
  messages: [turn],
  tools: [{ name: "weather", input_schema: schema }],
  thinking: { type: "enabled", budget_tokens: 2000 },
};
const tell = (message) => ({
  kinds: message.content.map((block) => block.type),
  thinking: message.content[0].thinking,
  text: message.content[1].text,
  inputs: message.content.slice(2).map((block) => block.input.city),
  reason: message.stop_reason,
  tokens: [message.usage.input_tokens, message.usage.cache_read_input_tokens, message.usage.output_tokens],
});
const whole = await anthropic.messages.create(ask);
const events = [];
const streamed = await anthropic.messages
  .stream(ask)
  .on("streamEvent", (event) => events.push(event.type))
  .finalMessage();
got.message = tell(whole);
got.streamedMessage = tell(streamed);
got.messageEvents = events.filter((kind, at) => kind !== "ping" && kind !== events[at - 1]);
const results = streamed.content
  .filter((block) => block.type === "tool_use")
  .map((block) => ({ type: "tool_result", tool_use_id: block.id, content: "sunny" }));
const answer = { role: "assistant", content: streamed.content };
const after = [turn, answer, { role: "user", content: results }];
got.afterTools = (await anthropic.messages.create({ ...ask, messages: after })).content[0].text;
const counted = await anthropic.messages.countTokens({ model, messages: [turn] });
got.counts = counted.input_tokens > 0;
got.refused = await anthropic.messages.create({ ...ask, model: "nobody" }).catch((error) => [
  error.status,
  error.error.error.type,
]);

// ---------------------------------------------------------------- responses
const tools = [{ type: "function", name: "weather", parameters: schema, strict: false }];
const request = { model, input: [turn], tools };
const say = (response) => ({
  kinds: response.output.map((item) => item.type),
  text: response.output_text ?? response.output.flatMap((item) => item.content ?? []).find((part) => part.type === "output_text").text,
  calls: response.output
    .filter((item) => item.type === "function_call")
    .map((item) => JSON.parse(item.arguments).city),
  status: response.status,
  tokens: response.usage.total_tokens,
});
got.response = say(await openai.responses.create(request));
const numbers = [];
const stream = openai.responses.stream(request).on("event", (event) => numbers.push(event.sequence_number));
const final = await stream.finalResponse();
got.streamedResponse = say(final);
got.numbered = numbers.every((number, at) => number === at);
const outputs = final.output
  .filter((item) => item.type === "function_call")
  .map((item) => ({ type: "function_call_output", call_id: item.call_id, output: "sunny" }));
const echoed = final.output.map(({ parsed_arguments: _parsed, ...item }) => item);
const later = await openai.responses.create({ model, tools, input: [turn, ...echoed, ...outputs] });
got.afterOutputs = later.output_text;
const format = { type: "json_schema", name: "city", schema: { type: "object" }, strict: false };
const parsed = await openai.responses.parse({ model, input: EASY, text: { format } });
got.parsed = JSON.parse(parsed.output_text);

// ---------------------------------------------------------------- chat
const functions = [{ type: "function", function: { name: "weather", parameters: schema } }];
const chat = { model, messages: [turn], tools: functions };
const completion = await openai.chat.completions.stream(chat).finalChatCompletion();
got.chat = completion.choices[0].message.tool_calls.map((call) => JSON.parse(call.function.arguments).city);

console.log(JSON.stringify(got));
