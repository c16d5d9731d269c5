/** The npm client asks for decisions: node npm_decisions.mjs BASE_URL KEY QUESTIONS INPUT; prints what came as JSON. */
import OpenAI from "openai";

const [baseURL, apiKey, questions, input] = process.argv.slice(2);
const api = new OpenAI({ baseURL, apiKey, maxRetries: 0, timeout: 20_000 });
const decision = await api.decisions.create({ model: "auto", input, questions: JSON.parse(questions) });
console.log(JSON.stringify(decision));
