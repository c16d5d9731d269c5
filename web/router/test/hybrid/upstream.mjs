/** An OpenAI-compatible upstream on loopback that counts and keeps what it is sent. */
import http from "node:http";

export async function startUpstream(t, answer = {}) {
  const upstream = { bodies: [], headers: [], answer };
  const server = http.createServer({ keepAliveTimeout: 0 }, async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const body = JSON.parse(text);
    upstream.bodies.push(body);
    upstream.headers.push(request.headers);
    upstream.left = new Promise((resolve) => response.on("close", () => resolve(!response.writableEnded)));
    const { status = 200, head = {}, raw, hang, cut, ...said } = upstream.answer;
    if (hang) return;
    const stream = body.stream && status === 200;
    response.writeHead(status, { "content-type": stream ? "text/event-stream" : "application/json", ...head });
    if (raw !== undefined) response.end(raw);
    else if (stream) await writeChunks(response, said, cut);
    else response.end(JSON.stringify(writeCompletion(said)));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  upstream.baseURL = `http://127.0.0.1:${server.address().port}/v1`;
  return upstream;
}

const USAGE = { prompt_tokens: 10, completion_tokens: 20 };

function writeCompletion({ text = "from the cloud", finish = "stop", calls, refusal, error }) {
  if (error) return { error: { message: error } };
  const message = { role: "assistant", content: text, refusal, ...(calls && { tool_calls: calls }) };
  return { choices: [{ index: 0, message, finish_reason: finish }], usage: USAGE };
}

async function writeChunks(response, { parts = ["from ", "the ", "cloud"], finish = "stop", calls = [], gate }, cut) {
  const write = (chunk) => response.write(`data: ${JSON.stringify(chunk)}\r\n\r\n`);
  for (const [at, content] of parts.entries()) {
    write({ choices: [{ index: 0, delta: { content } }] });
    if (at === 0) await gate;
  }
  for (const delta of calls) write({ choices: [{ index: 0, delta: { tool_calls: [delta] } }] });
  if (cut) return response.socket.end(); // what was written arrives, and no end
  write({ choices: [{ index: 0, delta: {}, finish_reason: finish }] });
  write({ choices: [], usage: USAGE });
  response.end("data: [DONE]\n\n");
}
