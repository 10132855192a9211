// Why: every rule's answer to the last call.

import { badge, byId, h, humanly, link, plural, show, table } from "./dom.js";
import { markdown } from "./markdown.js";
import { state } from "./state.js";

const RESULTS = ["fired", "withheld", "could not tell", "failed", "not fired"];

export function showWhy(explanation) {
  const groups = RESULTS.map((result) => [result, explanation.rules.filter((rule) => rule.result === result)]);
  show(byId("why-body"), ledgerOf(explanation), held(explanation),
    groups.filter(([, rules]) => rules.length).map(([result, rules]) => groupOf(result, rules, explanation)), dataOf(explanation));
}

/** The rules of one result; those that did not speak are many, and stay folded. */
function groupOf(result, rules, explanation) {
  return h("details", { class: "rules", open: result !== "not fired" },
    h("summary", {}, badge(result), ` ${plural(rules.length, "rule")}`), rules.map((rule) => ruleOf(rule, explanation)));
}

function ledgerOf({ ledger }) {
  if (!ledger.length) return null;
  return h("details", { class: "pane", open: ledger.some((entry) => entry.answer !== "no") },
    h("summary", {}, h("h2", {}, "Red flags"), h("span", { class: "because" }, ["yes", "not known", "no"]
      .map((answer) => `${answer} ${ledger.filter((entry) => entry.answer === answer).length}`).join(", "))),
    h("ul", { class: "ledger" }, ledger.map((entry) => h("li", {}, badge(FLAGS[entry.answer], entry.answer), " ", h("b", {}, entry.title),
      entry.says ? `: ${entry.says}` : "", (entry.facts ?? []).map(factOf),
      (entry.unusable ?? []).map((gap) => h("span", { class: "fact" }, [gap.about, gap.written, gap.says].filter(Boolean).join(", "), " ", resource(gap.reference ?? ""))),
      entry.sources?.length ? h("span", { class: "fact" }, `Looked in ${entry.sources.map((source) => `${humanly(source.need)} (${source.read} read${source.complete ? "" : ", not all"})`).join(", ")}`) : null))));
}

const FLAGS = { yes: "critical", no: "met", "not known": "warning" };

/** The record's words stand apart, since a date behind Arabic letters would be written from its end. */
const factOf = (fact) => h("span", { class: "fact" }, h("bdi", {}, [fact.label, fact.value].filter(Boolean).join(" ")),
  [fact.date?.slice(0, 10), fact.remark].filter(Boolean).map((part) => `, ${part}`), " ", resource(fact.reference));

function held(explanation) {
  const titled = (topic) => explanation.rules.find((rule) => rule.topic === topic)?.title ?? topic;
  const words = [
    ...Object.entries(explanation.heldBack).map(([topic, why]) => `${titled(topic)} was held back: ${why}`),
    ...explanation.silent.map((topic) => `${titled(topic)} fired, and is only recorded (status silent)`),
  ];
  return words.length ? h("ul", { class: "notice" }, words.map((word) => h("li", {}, word))) : null;
}

function ruleOf(rule, explanation) {
  const roomy = !window.matchMedia("(max-width: 860px)").matches;
  const open = roomy && rule.result !== "not fired" && explanation.rules.filter((one) => one.result === rule.result).length <= 4;
  return h("details", { class: `rule ${rule.result.replaceAll(" ", "-")}`, open },
    h("summary", {}, badge(rule.result), h("h2", {}, rule.title), h("span", { class: "because" }, saidBy(rule))),
    h("div", { class: "rule-body" },
      h("p", { class: "hint" }, `${rule.purpose} `, h("code", {}, rule.topic), ` · status ${rule.status}`, rule.redFlag ? " · red flag" : ""),
      rule.steps.length ? h("h3", {}, "On the way to this answer") : null,
      rule.steps.length ? h("ol", { class: "steps" }, rule.steps.map(stepOf)) : null,
      h("h3", {}, "Evidence"),
      rule.evidence.length ? evidenceTable(rule) : h("p", { class: "hint" }, "No fact decided."),
      h("details", {}, h("summary", {}, plural(rule.parameters.length, "parameter"), " behind these conditions"), conditions(rule)),
      h("h3", {}, "Data that it needs"),
      h("p", {}, rule.needs.map((need) => needOf(need, explanation.data.supply[need]))),
      notes(rule)));
}

/** What a rule says, without the name of its message. */
const saidBy = (rule) => (["fired", "withheld"].includes(rule.result) ? rule.because.replace(/^[a-z_0-9]+: /, "") : rule.because);

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
    h("span", {}, humanly(parameter.name).replaceAll(".", ", "), h("span", { class: "why" }, parameter.why)),
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
