// Questions to our own server, and calls of any CDS service.

const root = document.body.dataset.root;

export class Problem extends Error {}

export async function ask(path, body) {
  const init = body === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  };
  let response;
  try {
    response = await fetch(`${root}playground/api/${path}`, init);
  } catch {
    throw new Problem("The service does not answer. Is it still running?");
  }
  const found = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Problem(found.problem ?? found.issue?.[0]?.details?.text ?? `The service answered ${response.status}.`);
  }
  return found;
}

/** Call an address; gives status, time in milliseconds, size and text. Raises Problem when nothing can be read. */
export async function call(url, { body, token } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  const started = performance.now();
  let response, text;
  try {
    response = await fetch(url, { method: body === undefined ? "GET" : "POST", headers, body, credentials: "omit" });
    text = await response.text();
  } catch {
    throw new Problem(`${url} cannot be reached, or does not let other origins read it (CORS).`);
  }
  const milliseconds = performance.now() - started;
  let json;
  try { json = JSON.parse(text); } catch { json = undefined; }
  return { url, status: response.status, milliseconds, size: new Blob([text]).size, text, json };
}

/** A launch of our embedded record: its FHIR server and the handle that its authorisation server knows. Raises Problem. */
export async function launchHandle(parameters) {
  const reply = await call(`${new URL(root, location.href).href}fhir/_services/smart/Launch`, { body: JSON.stringify({ parameters }) });
  if (reply.status !== 200) throw new Problem("There is no such patient here.");
  return reply.json;
}

export const sign = async (url, issuer) => (await ask("sign", { url, issuer })).token;
export { root };
