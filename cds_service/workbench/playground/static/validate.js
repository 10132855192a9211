// Validate: anyone's discovery answer, request or response, row by row.

import { badge, byId, h, plural, show } from "./dom.js";
import { JsonEditor } from "./editor.js";
import { ask, call, Problem } from "./server.js";
import { state } from "./state.js";

let editor;

export function setUpValidate() {
  editor = new JsonEditor(byId("judge-editor"), { label: "Discovery, request or response as JSON", rows: 24 });
  byId("judge").addEventListener("submit", (event) => { event.preventDefault(); examine(); });
  for (const button of document.querySelectorAll("[data-paste]")) {
    button.addEventListener("click", () => paste(button.dataset.paste));
  }
}

async function paste(what) {
  try {
    if (what === "discovery") editor.value = (await call(`${state.start.base}/cds-services`)).json;
    else if (!state.last) throw new Problem("Send a call under Try first.");
    else editor.value = what === "request" ? state.last.request : state.last.reply.json;
    await examine();
  } catch (error) {
    report(error);
  }
}

async function examine() {
  if (!editor.wellFormed) { editor.goToMistake(); return; }
  try {
    draw(await ask("validate", { text: editor.text }));
  } catch (error) {
    report(error);
  }
}

function draw({ kind, rows, wrong, advised, problem }) {
  const place = byId("rows");
  if (problem) { show(place, h("p", { class: "wrong" }, problem)); return; }
  const order = { "not met": 0, "not advised": 1, met: 2 };
  const sorted = [...rows].sort((a, b) => order[a.standing] - order[b.standing]);
  show(place, h("p", { class: wrong ? "status wrong" : "status" }, wrong
    ? `This ${kind} breaks ${plural(wrong, "requirement")} of ${rows.length}.` : `This ${kind} meets all ${rows.length - advised} requirements that a text can show${advised ? `, and leaves ${plural(advised, "recommendation")} unheeded` : ""}.`),
  h("ul", { class: "verdicts" }, sorted.map((row) => h("li", {}, badge(row.standing, row.standing === "not advised" ? "unheeded" : row.standing), h("div", {}, row.text,
    row.requirements.length ? h("span", { class: "hint" }, ` rows ${row.requirements.join(", ")}`) : null,
    row.remarks.length ? h("ul", {}, row.remarks.map((remark) => h("li", {}, remark))) : null)))));
}

function report(error) {
  if (!(error instanceof Problem)) throw error;
  show(byId("rows"), h("p", { class: "wrong" }, error.message));
}
