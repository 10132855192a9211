// GitHub-flavoured markdown as DOM nodes. markdown-it reads it (raw HTML off); its tokens become elements of a short
// list, one by one. Nothing is ever handed to the browser as HTML, so a text cannot bring a script along.

import MarkdownIt from "./vendor/markdown-it.js";
import { h, link } from "./dom.js";

const reader = new MarkdownIt({ html: false, linkify: true, breaks: false });
const ELEMENTS = new Set(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "table", "thead",
  "tbody", "tr", "th", "td", "strong", "em", "s", "hr", "br", "code", "pre"]);

export function markdown(text) {
  const place = h("div", { class: "markdown" });
  try {
    build(reader.parse(String(text), {}), place);
  } catch {
    place.replaceChildren(h("p", {}, String(text)));
  }
  return place;
}

function build(tokens, place) {
  const open = [place];
  const top = () => open[open.length - 1];
  for (const token of tokens) {
    if (token.type === "inline") build(token.children ?? [], top());
    else if (token.nesting === 1) open.push(top().appendChild(element(token)));
    else if (token.nesting === -1) { if (open.length > 1) open.pop(); }
    else top().append(leaf(token));
  }
}

function element(token) {
  if (token.type === "link_open") return link("", token.attrGet("href") ?? "");
  if (token.hidden || !ELEMENTS.has(token.tag)) return h("span");
  // a card's headings stand below the card's own
  return h(/^h[1-6]$/.test(token.tag) ? "h4" : token.tag);
}

function leaf(token) {
  switch (token.type) {
    case "code_inline": return h("code", {}, token.content);
    case "code_block":
    case "fence": return h("pre", { tabindex: "0" }, h("code", {}, token.content));
    case "softbreak": return " ";
    case "hardbreak": return h("br");
    case "hr": return h("hr");
    case "image": return h("span", { class: "hint" }, `[picture: ${token.content || "not loaded"}]`);
    default: return token.content;
  }
}
