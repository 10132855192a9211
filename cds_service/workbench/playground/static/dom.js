// Elements are built node by node; no text is ever read as HTML.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.setAttribute("class", value);
    else if (name === "value" && "value" in node) node.value = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
export const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
export const byId = (id) => document.getElementById(id);

export function show(place, ...nodes) {
  place.replaceChildren(...nodes.flat(Infinity).filter(Boolean));
  return place;
}

/** An address that a click may open: http or https, nothing else. */
export function webAddress(text) {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

export function link(label, address) {
  const href = webAddress(address);
  return href ? h("a", { href, target: "_blank", rel: "noopener noreferrer" }, label) : h("span", {}, label);
}

export function table(caption, head, rows) {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h("table", {},
      h("caption", { class: "visually-hidden" }, caption),
      h("thead", {}, h("tr", {}, head.map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell, at) =>
        at === 0 ? h("th", { scope: "row" }, cell) : h("td", { "data-head": head[at] }, cell)))))));
}

const WORDS = { critical: "Critical", warning: "Warning", info: "Info" };
export const badge = (kind, text) => h("span", { class: `badge ${kind.replaceAll(" ", "-")}` }, text ?? WORDS[kind] ?? kind);
export const plural = (count, one, many) => `${count} ${count === 1 ? one : many ?? `${one}s`}`;
export const humanly = (name) => name.replaceAll("_", " ").replaceAll("-", " ");
