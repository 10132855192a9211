// Why: every rule's answer to the last call.

import { badge, byId, h, humanly, link, plural, show, table } from "./dom.js";
import { markdown } from "./markdown.js";
import { state } from "./state.js";

const RESULTS = ["fired", "withheld", "could not tell", "failed", "not fired"];
let shown = new Set(RESULTS);

export function showWhy(explanation) {
  const place = byId("why-body");
  const counts = Object.fromEntries(RESULTS.map((result) => [result, explanation.rules.filter((rule) => rule.result === result).length]));
  const list = h("div", { class: "rules" });
  const draw = () => show(list, RESULTS.filter((result) => shown.has(result)).flatMap((result) =>
    explanation.rules.filter((rule) => rule.result === result).map((rule) => ruleOf(rule, explanation))));
  const filters = h("fieldset", { class: "filters" }, h("legend", {}, "Show rules that"),
    RESULTS.map((result) => h("label", {}, h("input", { type: "checkbox", checked: shown.has(result), onchange: (event) => {
      if (event.target.checked) shown.add(result); else shown.delete(result);
      draw();
    } }), " ", badge(result), ` ${counts[result]}`)));
  draw();
  show(place, ledgerOf(explanation), filters, held(explanation), list, dataOf(explanation));
}

function ledgerOf({ ledger }) {
  if (!ledger.length) return null;
  return h("details", { class: "pane", open: ledger.some((entry) => entry.answer !== "no") },
    h("summary", {}, h("h2", {}, "Red flags"), h("span", { class: "because" }, ["yes", "not known", "no"]
      .map((answer) => `${answer} ${ledger.filter((entry) => entry.answer === answer).length}`).join(", "))),
    h("ul", { class: "ledger" }, ledger.map((entry) => h("li", {}, entry.text))));
}

function held(explanation) {
  const words = [
    ...Object.entries(explanation.heldBack).map(([topic, why]) => `${topic} was held back: ${why}`),
    ...explanation.silent.map((topic) => `${topic} fired, and is only recorded (status silent)`),
  ];
  return words.length ? h("ul", { class: "notice" }, words.map((word) => h("li", {}, word))) : null;
}

function ruleOf(rule, explanation) {
  const open = rule.result !== "not fired" && explanation.rules.filter((one) => one.result === rule.result).length <= 4;
  return h("details", { class: `rule ${rule.result.replaceAll(" ", "-")}`, open },
    h("summary", {}, badge(rule.result), h("h2", {}, rule.title), h("span", { class: "because" }, rule.because)),
    h("div", { class: "rule-body" },
      h("p", { class: "hint" }, `${rule.purpose} `, h("code", {}, rule.topic), ` · status ${rule.status}`, rule.redFlag ? " · red flag" : ""),
      rule.steps.length ? h("h3", {}, "On the way to this answer") : null,
      rule.steps.length ? h("ol", { class: "steps" }, rule.steps.map(stepOf)) : null,
      h("h3", {}, "Evidence"),
      rule.evidence.length ? evidenceTable(rule) : h("p", { class: "hint" }, "No fact decided."),
      h("h3", {}, "Conditions"),
      conditions(rule),
      h("h3", {}, "Data that it needs"),
      h("p", {}, rule.needs.map((need) => needOf(need, explanation.data.supply[need]))),
      notes(rule)));
}

function stepOf(step) {
  const facts = step.evidence.slice(0, 3).map((item) => [" ", resource(item.reference)]);
  return h("li", {}, step.said, facts.length ? h("span", { class: "hint" }, facts) : null);
}

function evidenceTable(rule) {
  return table(`Evidence of ${rule.topic}`, ["Fact", "Value", "Date", "Remark", "Resource"], rule.evidence.map((item) => [
    item.label ?? "", item.value ?? "–", item.date ?? "not recorded", item.remark ?? "", resource(item.reference)]));
}

export function resource(reference) {
  return /^[A-Za-z]+\/[A-Za-z0-9.-]+$/.test(reference) ? link(reference, `${state.start.fhir}/${reference}`) : reference;
}

function conditions(rule) {
  if (!rule.parameters.length) return h("p", { class: "hint" }, "The rule has no parameters.");
  return table(`Parameters of ${rule.topic}`, ["Parameter", "Value", "May be", "Origin", "Source"], rule.parameters.map((parameter) => [
    h("span", {}, humanly(parameter.name), h("span", { class: "why" }, parameter.why)),
    h("b", { class: "value" }, parameter.value),
    h("span", {}, parameter.range || "any", parameter.alternatives.map((other) =>
      h("span", { class: "why" }, `${other.value}: ${other.why || other.source}`))),
    h("span", {}, parameter.origin === "default" ? "card file" : parameter.origin, parameter.originWhy ? h("span", { class: "why" }, parameter.originWhy) : null),
    h("span", {}, link(parameter.source, parameter.sourceUrl),
      h("span", { class: "why" }, parameter.confirmed ? `reviewed ${parameter.reviewed}` : "to be confirmed by clinical review"))]));
}

function needOf(need, supply) {
  const given = supply?.state ?? "absent";
  const well = given === "given" || given === "empty";
  return h("span", { class: `need ${well ? "" : "lacking"}` }, `${humanly(need)}: ${given}${supply?.firstPageOnly ? ", first page only" : ""}`);
}

function notes(rule) {
  const given = [...rule.limits, ...rule.falsePositives.map((text) => `Known to speak wrongly: ${text}`)];
  return given.length ? h("details", {}, h("summary", {}, "Known limits"), h("ul", {}, given.map((text) => h("li", {}, markdown(text))))) : null;
}

function dataOf({ data, knowledge, site }) {
  const rows = Object.entries(data.supply).map(([need, supply]) => [
    humanly(need), supply.state, supply.firstPageOnly ? "first page only" : supply.detail ?? ""]);
  return h("div", { class: "pane" }, h("h2", {}, "Data of this call"),
    table("Data of this call", ["Need", "Came as", "Detail"], rows),
    data.setAside.length ? h("div", {}, h("h3", {}, `Set aside: ${plural(data.setAside.length, "resource")}`),
      h("ul", {}, data.setAside.map((item) => h("li", {}, resource(item.reference), `: ${humanly(item.because)} ${item.detail ?? ""}`)))) : null,
    h("p", { class: "hint" }, `Knowledge ${knowledge}${site ? `, site ${site}` : ""}`));
}
