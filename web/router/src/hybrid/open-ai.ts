/** Any URL that speaks OpenAI's chat completions. */
import type { Answer, Answerer, Ending, Question } from "./answerer.js";
import { ChunkReader, readCompletion, readError, toFields } from "./completion.js";
import { UpstreamError } from "./errors.js";
import type { Need } from "./request.js";
import { readEvents } from "./sse.js";

export interface OpenAIOptions {
  /** Without `/chat/completions`; one of the page's own origin may be given by its path. */
  readonly baseURL: string;
  readonly model: string;
  /** What a page holds, its visitors can read: give it a key of your own server, or none. */
  readonly apiKey?: string;
  /** Shown as who answered; the model's name unless given. */
  readonly name?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** More fields of the request, such as `temperature`. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** Milliseconds until the response begins; 60,000. */
  readonly timeoutMs?: number;
  /** True where text sent there stays with you; unless given, true for `localhost` and its numbers. */
  readonly onDevice?: boolean;
  readonly accepts?: readonly Need[];
}

const LOOPBACK = /^https?:\/\/(localhost|127(\.\d+){3}|\[::1\])(:\d+)?(\/|$)/i;

export function openAI(options: OpenAIOptions): Answerer {
  const { model, name = model, timeoutMs = 60_000, onDevice = LOOPBACK.test(options.baseURL) } = options;
  const address = `${options.baseURL.replace(/\/+$/, "")}/chat/completions`;

  const send = async (question: Question, isStream: boolean): Promise<Response> => {
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort();
    }, timeoutMs);
    try {
      const response = await fetch(address, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(options.apiKey !== undefined && { authorization: `Bearer ${options.apiKey}` }),
          ...options.headers,
        },
        body: JSON.stringify({
          ...options.body,
          model,
          ...toFields(question),
          ...(isStream && { stream: true, stream_options: { include_usage: true } }),
        }),
        redirect: onDevice ? "error" : "follow", // text of this device is not to be sent on
        signal: AbortSignal.any([question.signal, late.signal]),
      });
      if (!response.ok) throw await readRefusal(name, response);
      return response;
    } catch (error) {
      question.signal.throwIfAborted();
      if (error instanceof UpstreamError) throw error;
      const why = late.signal.aborted ? `no response within ${String(timeoutMs)} ms` : "cannot be reached";
      throw new UpstreamError(`${name}: ${why}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    name,
    onDevice,
    accepts: options.accepts ?? ["tools", "images", "audio", "files"],
    availability: () => "available",
    prepare: () => Promise.resolve(),
    async answer(question): Promise<Answer> {
      const response = await send(question, false);
      const completion: unknown = await response.json().catch((error: unknown) => {
        question.signal.throwIfAborted();
        throw new UpstreamError(`${name}: the response is cut off, or no JSON`, { cause: error });
      });
      if ((completion as { error?: unknown } | null)?.error) {
        throw new UpstreamError(`${name}: ${readError((completion as { error: unknown }).error)}`);
      }
      return readCompletion(name, completion);
    },
    async *stream(question): AsyncGenerator<string, Ending> {
      const { body } = await send(question, true);
      const reader = new ChunkReader(name);
      let isDone = false;
      try {
        for await (const data of readEvents(body ?? new Blob().stream())) {
          if (data === "[DONE]") isDone = true;
          else yield reader.read(JSON.parse(data));
        }
      } catch (error) {
        question.signal.throwIfAborted();
        if (error instanceof UpstreamError) throw error;
        throw new UpstreamError(`${name}: the stream broke off`, { cause: error });
      }
      return reader.end(isDone);
    },
  };
}

async function readRefusal(name: string, response: Response): Promise<UpstreamError> {
  const { status } = response;
  const body: unknown = await response.json().catch(() => null);
  const { error } = (body ?? {}) as { error?: unknown };
  const seconds = Number(response.headers.get("retry-after") ?? NaN);
  const words = error ? readError(error) : response.statusText;
  return new UpstreamError(`${name}: ${String(status)} ${words}`.trim(), {
    status,
    retryAfterS: Number.isFinite(seconds) ? seconds : undefined,
  });
}
