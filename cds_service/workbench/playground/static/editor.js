// A text area for JSON with line numbers, the place of a mistake, and the member that the cursor is in.

import { h } from "./dom.js";
import { readJson } from "./json_text.js";

let count = 0;

export class JsonEditor {
  constructor(place, { label, rows = 20, onchange = () => {} }) {
    const id = `editor-${(count += 1)}`;
    this.onchange = onchange;
    this.gutter = h("div", { class: "gutter", "aria-hidden": "true" });
    this.area = h("textarea", {
      id, rows, spellcheck: "false", autocomplete: "off", autocapitalize: "off", wrap: "off",
      "aria-describedby": `${id}-state`, oninput: () => this.look(), onscroll: () => this.scrolled(),
    });
    this.words = h("span", {});
    this.go = h("button", { type: "button", class: "quiet small", hidden: true, onclick: () => this.goToMistake() }, "Go to it");
    this.state = h("p", { class: "editor-state", id: `${id}-state`, role: "status" }, this.words, " ", this.go);
    place.append(h("label", { class: "editor-label", for: id }, label),
      h("div", { class: "editor" }, this.gutter, this.area), this.state);
    this.look();
  }

  get text() { return this.area.value; }
  set text(text) { this.area.value = text; this.look(); }
  get value() { return this.read.value; }
  set value(value) { this.text = JSON.stringify(value, null, 1); }
  get wellFormed() { return this.read.error === undefined; }

  look() {
    this.read = readJson(this.text);
    const mistake = this.read.error;
    this.area.setAttribute("aria-invalid", String(Boolean(mistake && this.text)));
    this.state.classList.toggle("wrong", Boolean(mistake && this.text));
    this.go.hidden = !mistake || !this.text;
    this.words.textContent = !this.text ? "" : mistake
      ? `Line ${this.read.line}, column ${this.read.column}: ${mistake}`
      : `Well-formed JSON, ${(new Blob([this.text]).size / 1000).toFixed(1)} kB`;
    this.number(mistake && this.text ? this.read.line : 0);
    this.onchange();
  }

  number(wrong) {
    const lines = this.text.split("\n").length;
    const numbers = [];
    for (let line = 1; line <= lines; line += 1) {
      numbers.push(line === wrong ? h("b", {}, `${line}\n`) : `${line}\n`);
    }
    this.gutter.replaceChildren(...numbers);
    this.scrolled();
  }

  scrolled() { this.gutter.scrollTop = this.area.scrollTop; }

  goToMistake() {
    const { at, line } = this.read;
    this.area.focus();
    this.area.setSelectionRange(at, Math.min(at + 1, this.text.length));
    this.area.scrollTop = Math.max(0, (line - 4) * this.lineHeight());
  }

  /** Put the cursor on the first place of some text. */
  goTo(text) {
    const at = Math.max(0, this.text.indexOf(text));
    this.area.focus();
    this.area.setSelectionRange(at, at + text.length);
    this.area.scrollTop = Math.max(0, (this.text.slice(0, at).split("\n").length - 3) * this.lineHeight());
  }

  lineHeight() { return parseFloat(getComputedStyle(this.area).lineHeight) || 18; }
}

const PART = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g;

/** Pretty JSON as coloured nodes. */
export function colouredJson(value) {
  const text = JSON.stringify(value, null, 1);
  if (text.length > 300_000) return [text];
  const nodes = [];
  let done = 0;
  for (const part of text.matchAll(PART)) {
    nodes.push(text.slice(done, part.index));
    const kind = part[2] ? "name" : part[1] ? "text" : part[3] ? "word" : "number";
    nodes.push(h("span", { class: `json-${kind}` }, part[1] ?? part[0]), part[2] ?? "");
    done = part.index + part[0].length;
  }
  nodes.push(text.slice(done));
  return nodes.filter((node) => node !== "");
}
