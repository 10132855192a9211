// Tune: parameters within their ranges, their effect on this patient and on the cohort, and the overlay file.

import { badge, byId, h, humanly, link, plural, show, table } from "./dom.js";
import { curvePlot } from "./plot.js";
import { ask, Problem } from "./server.js";
import { state } from "./state.js";
import { choosePatient } from "./try.js";

const changes = new Map();
let cards = [], focused = null, curve = null, waiting = 0, asked = 0;

export async function setUpTune() {
  cards = (await ask("parameters")).cards;
  show(byId("tune-card"), cards.map((card) => h("option", { value: card.topic }, card.title)));
  byId("tune-card").addEventListener("change", listParameters);
  byId("overlay").addEventListener("click", download);
  byId("reset").addEventListener("click", () => { changes.clear(); listParameters(); askEffect(); });
  listParameters();
}

/** After a call: begin with the first card that it showed. */
export function aimTune(explanation) {
  const fired = explanation.rules.find((rule) => rule.result === "fired" && cards.some((card) => card.topic === rule.topic));
  if (fired && changes.size === 0) { byId("tune-card").value = fired.topic; listParameters(); }
  if (!byId("tune").hidden) askEffect();
}

function listParameters() {
  const card = cards.find((one) => one.topic === byId("tune-card").value);
  focused = null;
  show(byId("tune-curve"));
  show(byId("tune-parameters"), card ? card.parameters.map((parameter) => rowOf(parameter)) : h("p", { class: "hint" }, "No card has parameters."));
  const first = card?.parameters.find((parameter) => parameter.scale);
  if (first && !byId("tune").hidden) focusOn(first);
}

function rowOf(parameter) {
  const id = `tune-${parameter.key.replaceAll(".", "-")}`;
  const output = h("output", { for: id }, changes.get(parameter.key) ?? parameter.text);
  const row = h("div", { class: "parameter" });
  const set = (written) => {
    if (written === null) changes.delete(parameter.key); else changes.set(parameter.key, written);
    output.textContent = written ?? parameter.text;
    row.classList.toggle("changed", written !== null);
    askEffect();
  };
  const control = controlOf(parameter, id, set);
  const back = h("button", { type: "button", class: "quiet small", onclick: () => { set(null); resetControl(control, parameter); }, "aria-label": `Back to the card file: ${humanly(parameter.name)}` }, "↺");
  row.classList.toggle("changed", changes.has(parameter.key));
  show(row, h("div", { class: "parameter-head" }, h("label", { for: id }, humanly(parameter.name)), output, back),
    control,
    h("p", { class: "why" }, `${parameter.range ? `${parameter.range}. ` : ""}${parameter.why} `, link(parameter.source.title, parameter.source.url),
      parameter.key.startsWith("shared.") ? " · shared by several cards" : "", parameter.confirmed ? "" : " · to be confirmed"));
  return row;
}

function controlOf(parameter, id, set) {
  const { scale } = parameter;
  if (scale) {
    const now = changes.has(parameter.key) ? parseFloat(changes.get(parameter.key)) : scale.value;
    const take = (number) => {
      set(number === scale.value ? null : `${trim(number)} ${parameter.writtenUnit}`.trim());
      focusOn(parameter);
    };
    const bounds = { min: scale.low, max: scale.high, value: now, onfocus: () => focusOn(parameter) };
    const slider = h("input", { id, type: "range", step: scale.step, ...bounds,
      oninput: () => { typed.value = slider.value; take(Number(slider.value)); } });
    const typed = h("input", { type: "number", step: "any", ...bounds, "aria-label": `${humanly(parameter.name)}, typed`,
      onchange: () => {
        const number = Math.min(scale.high, Math.max(scale.low, Number(typed.value || scale.value)));
        slider.value = typed.value = String(number);
        take(number);
      } });
    return h("div", { class: "slide" }, slider, typed);
  }
  if (parameter.options.length && !parameter.several) {
    return h("select", { id, value: "", onchange: (event) => set(event.target.value === parameter.text ? null : event.target.value) },
      parameter.options.map((option) => h("option", { value: option, selected: option === (changes.get(parameter.key) ?? parameter.text) }, option)));
  }
  return h("input", { id, readonly: true, value: parameter.text });
}

function resetControl(control, parameter) {
  for (const input of control.matches(".slide") ? control.children : [control]) {
    input.value = parameter.scale ? parameter.scale.value : parameter.text;
  }
}

const trim = (number) => String(Number(number.toFixed(6)));

async function focusOn(parameter) {
  if (focused === parameter.key) { drawCurve(); return; }
  focused = parameter.key;
  curve = null;
  try {
    const found = await ask("curve", { parameter: parameter.key });
    if (focused === parameter.key) { curve = { ...found, name: parameter.name }; drawCurve(); }
  } catch (error) {
    report(error);
  }
}

export const redrawCurve = () => { if (curve) drawCurve(); };

function drawCurve() {
  if (!curve) return;
  const place = byId("tune-curve");
  const varies = (line) => new Set(line.points.map((point) => `${point.fired} ${point.critical}`)).size > 1;
  const own = byId("tune-card").value;
  const lines = curve.lines.filter((line) => line.points.length && (varies(line) || line.topic === own))
    .sort((a, b) => (b.topic === own) - (a.topic === own)).slice(0, 4);
  const value = changes.has(curve.key) ? parseFloat(changes.get(curve.key)) : curve.value;
  show(place, h("h3", {}, `Alerts along ${humanly(curve.name)}`),
    lines.length ? curvePlot({ ...curve, lines, value }, Math.max(280, place.clientWidth)) : h("p", { class: "hint" }, "No demonstration patient is asked this."),
    h("ul", { class: "keys" }, lines.map((line, at) => h("li", {}, h("span", { class: `key line-${at % 4}` }), ` ${line.title} (${plural(line.patients, "patient")})`))));
}

function askEffect() {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const mine = (asked += 1);
    const body = { changes: Object.fromEntries(changes) };
    if (state.last?.service) Object.assign(body, { service: state.last.service, request: state.last.request });
    try {
      const effect = await ask("tune", body);
      if (mine === asked) showEffect(effect);
    } catch (error) {
      if (mine === asked) report(error);
    }
  }, 120);
}

function showEffect({ patient, cohort }) {
  const topics = cohort.topics;
  show(byId("tune-effect"),
    h("h3", {}, "This patient"),
    patient ? patientEffect(patient) : h("p", { class: "hint" }, "Send a call first to see its effect on one patient."),
    h("h3", {}, `Demonstration patients (${cohort.patients})`),
    topics.length ? table("Effect on the demonstration patients", ["Card", "Before", "After", "Who changes"], topics.map((one) => [
      one.title, rate(one.before, one.patients), rate(one.after, one.patients),
      h("span", {}, one.gained.map((name) => chooser(name, "gained")), one.lost.map((name) => chooser(name, "lost")), one.altered.map((name) => chooser(name, "altered")), one.gained.length + one.lost.length + one.altered.length ? null : "nobody")]))
      : h("p", { class: "hint" }, "Nothing is changed yet."),
    topics.length && !topics.some((one) => one.gained.length + one.lost.length + one.altered.length) ? nobodyChanges() : null);
}

/** Few patients are near a limit: a cohort tells more than these do. */
function nobodyChanges() {
  const settings = [...changes].map(([key, value]) => `--set '${key}=${value}'`).join(" ");
  return h("div", { class: "notice", id: "nobody" }, h("p", {}, "Nobody of these changes. Ask a cohort, your own or a synthetic one:"),
    h("pre", { tabindex: "0" }, `cds-service cohort cohort --patients 1000\ncds-service simulate cohort --as-of 2026-03-02T09:00:00Z ${settings} --html report.html`));
}

const rate = (count, all) => (all ? `${count} (${((100 * count) / all).toFixed(0)} per 100)` : "–");

const TOLD = { gained: ["+", "gets the card now"], lost: ["−", "gets it no longer"], altered: ["≠", "gets another message"] };

function chooser(name, kind) {
  return h("button", { type: "button", class: `quiet small ${kind}`, title: TOLD[kind][1],
    onclick: async () => { await choosePatient(name); location.hash = "#try"; } }, `${TOLD[kind][0]} ${name}`);
}

function patientEffect({ before, after, rules }) {
  const had = new Map(before.map((card) => [card.topic, card])), has = new Map(after.map((card) => [card.topic, card]));
  const topics = [...new Set([...has.keys(), ...had.keys()])];
  return h("div", {},
    topics.length ? h("ul", { class: "effect" }, topics.map((topic) => lineOf(topic, had.get(topic), has.get(topic)))) : h("p", { class: "hint" }, "No cards."),
    rules.length ? h("ul", { class: "hint" }, rules.map((rule) => h("li", {}, `${rule.title}: ${humanly(rule.before)} → ${humanly(rule.after)}${rule.rung ? ` (they part at ${humanly(rule.rung)})` : ""}`))) : null);
}

function lineOf(topic, before, after) {
  if (before && after && before.summary === after.summary && before.indicator === after.indicator) {
    return h("li", {}, badge(after.indicator), ` ${after.summary}`);
  }
  return h("li", { class: after ? (before ? "altered" : "gained") : "lost" },
    before ? h("del", {}, badge(before.indicator), ` ${before.summary}`) : null,
    after ? h("ins", {}, badge(after.indicator), ` ${after.summary}`) : h("span", {}, " gone"));
}

async function download() {
  const site = byId("site").value.trim() || "our-site";
  try {
    const { yaml } = await ask("overlay", { changes: Object.fromEntries(changes), site });
    const text = byId("overlay-text");
    text.textContent = yaml;
    text.hidden = false;
    const address = URL.createObjectURL(new Blob([yaml], { type: "application/yaml" }));
    const anchor = h("a", { href: address, download: `${site}.yaml` });
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  } catch (error) {
    report(error);
  }
}

function report(error) {
  if (!(error instanceof Problem)) throw error;
  show(byId("tune-effect"), h("p", { class: "wrong" }, error.message));
}

export function openTune() {
  askEffect();
  const card = cards.find((one) => one.topic === byId("tune-card").value);
  const first = card?.parameters.find((parameter) => parameter.scale);
  if (!focused && first) focusOn(first); else redrawCurve();
}
