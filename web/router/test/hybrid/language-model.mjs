/** The browser's model as its types declare it, with a download that a test moves on. */

/** @implements {LanguageModel} */
export class FakeModel extends EventTarget {
  /** @type {Availability} */
  static state = "available";
  /** @type {FakeModel[]} */
  static made = [];
  /** @type {(() => Promise<string>) | undefined} */
  static reply;
  /** @type {string[]} */
  static parts = ["from ", "here"];
  /** @type {Promise<void> | undefined} */
  static download;
  static isGesture = true;

  /** What this session was told, its clones' words not among them. @type {unknown[]} */
  told;
  isDestroyed = false;
  contextUsage = 0;
  contextWindow = 1000;
  inputUsage = 0;
  inputQuota = 0;
  topK = 1;
  temperature = 1;
  /** @type {LanguageModel["oncontextoverflow"]} */
  oncontextoverflow = null;
  /** @type {LanguageModel["onquotaoverflow"]} */
  onquotaoverflow = null;

  /** @param {unknown[]} told @param {FakeModel | null} from */
  constructor(told = [], from = null) {
    super();
    this.told = told;
    this.from = from;
    FakeModel.made.push(this);
  }

  static reset() {
    Object.assign(FakeModel, { state: "available", made: [], reply: undefined, download: undefined, isGesture: true });
  }

  /** @type {typeof LanguageModel.availability} */
  static async availability() {
    return FakeModel.state;
  }

  /** @type {typeof LanguageModel.create} */
  static async create(options = {}) {
    if (FakeModel.state === "unavailable") throw new DOMException("no model", "NotSupportedError");
    if (FakeModel.state !== "available" && !FakeModel.isGesture) throw new DOMException("no gesture", "NotAllowedError");
    const monitor = Object.assign(new EventTarget(), { ondownloadprogress: null });
    options.monitor?.(monitor);
    if (FakeModel.state === "downloadable") FakeModel.state = "downloading";
    for (const loaded of [0, 0.5]) monitor.dispatchEvent(Object.assign(new Event("downloadprogress"), { loaded, total: 1 }));
    const { signal } = options;
    await Promise.race([
      FakeModel.download,
      new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
    ].slice(0, signal ? 2 : 1));
    FakeModel.state = "available";
    return new FakeModel([...(options.initialPrompts ?? [])]);
  }

  /** @type {LanguageModel["prompt"]} */
  async prompt(input, options) {
    this.#hear(input, options);
    const text = await (FakeModel.reply?.() ?? FakeModel.parts.join(""));
    this.contextUsage += text.length;
    return text;
  }

  /** @type {LanguageModel["promptStreaming"]} */
  promptStreaming(input, options) {
    this.#hear(input, options);
    const parts = [...FakeModel.parts];
    return new ReadableStream({
      pull: (controller) => {
        const part = parts.shift();
        if (part === undefined) return controller.close();
        this.contextUsage += part.length;
        controller.enqueue(part);
      },
    });
  }

  /** @param {LanguageModelPrompt} input @param {LanguageModelPromptOptions} [options] */
  #hear(input, options) {
    if (this.isDestroyed) throw new DOMException("destroyed", "InvalidStateError");
    options?.signal?.throwIfAborted();
    if (Array.isArray(input) && input.some(({ role }) => /** @type {string} */ (role) === "system")) {
      throw new TypeError("system prompts belong into initialPrompts");
    }
    this.told.push(...input);
    this.options = options;
    this.contextUsage += JSON.stringify(input).length;
  }

  /** @type {LanguageModel["append"]} */
  async append(input) {
    this.told.push(...input);
    return undefined;
  }

  /** @type {LanguageModel["measureContextUsage"]} */
  async measureContextUsage(input) {
    return JSON.stringify(input).length;
  }

  /** @type {LanguageModel["measureInputUsage"]} */
  async measureInputUsage() {
    return 0;
  }

  /** @type {LanguageModel["clone"]} */
  async clone() {
    return new FakeModel([...this.told], this);
  }

  /** @type {LanguageModel["destroy"]} */
  destroy() {
    this.isDestroyed = true;
  }
}

/** @type {Pick<typeof LanguageModel, "availability" | "create">} */
export const factory = FakeModel;
