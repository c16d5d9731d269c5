/** One request: from workerd's Request to Python and back. */

/**
 * @param {any} entry the module of entry.py
 * @param {Request} request
 * @param {{ waitUntil(promise: Promise<unknown>): void }} context
 * @param {"image" | "plain"} start how Python started; told in a header
 * @returns {Promise<Response>}
 */
export async function serve(entry, request, context, start) {
  const { pathname, search } = new URL(request.url);
  const headers = JSON.stringify([...request.headers]);
  const body = new Uint8Array(await request.arrayBuffer());
  const [status, fields, answer] = await entry.serve(request.method, pathname + search, headers, body);
  context.waitUntil(entry.drain());
  return new Response(answer, { status, headers: [...JSON.parse(fields), ["x-tiny-dancer-start", start]] });
}
