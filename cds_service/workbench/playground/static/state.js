// What the parts of the page share: what the server said at the start, and the last call.

export const state = { start: null, last: null, explanation: null };

const listeners = new Map();

export function on(event, listener) {
  listeners.set(event, [...(listeners.get(event) ?? []), listener]);
}

export function tell(event, detail) {
  for (const listener of listeners.get(event) ?? []) listener(detail);
}
