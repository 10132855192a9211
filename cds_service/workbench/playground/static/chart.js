// The patient on a time line: numbers with the limits that rules hold against them, findings, orders.

import { byId, h, plural, show, svg, table } from "./dom.js";
import { TimeScale } from "./time_scale.js";
import { resource } from "./why.js";

const ROW = 22, NARROW_ROW = 36, TALL = 96, LOW = 58;
const LEGEND = [["dot quoted", "behind a card"], ["dot seen", "looked at by a rule"], ["dot", "on record"], ["dash", "limit of a rule"]];
let chart = null, onlyQuoted = false, drawnWidth = 0;

export function showChart(read) {
  chart = read;
  draw();
}

export function forgetChart() { chart = null; }

// only another width asks for another drawing: an opened table must stay open
new ResizeObserver(() => {
  if (chart && !byId("chart").hidden && byId("chart-body").clientWidth !== drawnWidth) draw();
}).observe(document.body);
export const redrawChart = () => { if (chart) draw(); };

function draw() {
  const place = byId("chart-body");
  drawnWidth = place.clientWidth;
  const width = Math.max(300, drawnWidth - 2);
  const lanes = chart.lanes.map((lane) => ({ ...lane, items: lane.items.filter(kept) })).filter((lane) => lane.items.length);
  const series = chart.series.filter((one) => !onlyQuoted || one.topics.length).sort((a, b) => weight(b) - weight(a));
  const toggle = h("label", { class: "hint" }, h("input", { type: "checkbox", checked: onlyQuoted, onchange: (event) => {
    onlyQuoted = event.target.checked;
    draw();
    place.querySelector("input").focus();
  } }), " only what rules quote");
  show(place, h("div", { class: "row spread" }, h("p", { class: "legend" }, LEGEND.map(([mark, means]) =>
    h("span", {}, h("span", { class: mark }), ` ${means}`))), toggle),
  drawing(width, lanes, series), tables(lanes, series));
}

const kept = (item) => !onlyQuoted || item.topics.length > 0;
const weight = (one) => 4 * one.fired + 2 * (one.limits.length > 0) + (one.topics.length > 0);
const standing = (item) => (item.fired ? "quoted" : item.topics.length ? "seen" : "");
const tallness = (one) => (one.limits.length || one.points.length > 1 ? TALL : LOW);
const moments = (items) => items.flatMap((item) => (item.when ? [Date.parse(item.when)] : []));

function drawing(width, lanes, series) {
  const narrow = width < 640;
  const left = narrow ? 12 : Math.min(330, width * 0.34), right = width - (narrow ? 14 : 26);
  const now = Date.parse(chart.asOf);
  const all = [...lanes.flatMap((lane) => moments(lane.items)), ...series.flatMap((one) => moments(one.points))];
  const scale = new TimeScale(now, Math.min(now, ...all), left, right);
  const parts = [];
  let y = 26;
  const panels = () => {
    for (const one of series) { parts.push(panel(one, scale, y, narrow)); y += tallness(one) + (narrow ? 22 : 10); }
  };
  const rows = () => {
    for (const lane of lanes) {
      parts.push(svg("text", { x: 4, y: y + 14, class: "lane" }, lane.name));
      y += 22;
      for (const item of lane.items) { parts.push(rowOf(item, scale, y, narrow)); y += narrow ? NARROW_ROW : ROW; }
      y += 6;
    }
  };
  // what explains the cards comes first: numbers where a number decided, else the findings
  for (const draw of series.some((one) => one.fired) ? [panels, rows] : [rows, panels]) { draw(); y += 8; }
  const height = y + 8;
  const label = `Time line: ${plural(series.length, "series", "series")} of results and ${plural(lanes.reduce((sum, lane) => sum + lane.items.length, 0), "finding")}. The same as a table follows.`;
  return svg("svg", { class: "chart", role: "img", "aria-label": label, width, height, viewBox: `0 0 ${width} ${height}` },
    scale.ticks().map((tick) => svg("g", { class: "tick" },
      svg("line", { x1: tick.x, x2: tick.x, y1: 18, y2: height }),
      svg("text", { x: tick.x, y: 12, "text-anchor": tick.label === "now" ? "end" : "middle" }, tick.label))),
    parts);
}

function rowOf(item, scale, y, narrow) {
  const words = [item.label, item.value, item.remark].filter(Boolean).join(" · ");
  const tip = [words, item.day || "no date", item.status, item.topics.length ? `quoted by ${item.topics.join(", ")}` : "", item.reference].filter(Boolean).join("\n");
  const middle = narrow ? y + 25 : y + ROW / 2;
  const label = svg("text", { x: narrow ? 10 : 14, y: narrow ? y + 13 : y + 15, class: `label ${standing(item)}` },
    cut(words, narrow ? scale.right / 7.2 : (scale.left - 22) / (item.fired ? 7.2 : 6.5)));
  const mark = [];
  if (item.when) {
    const x = scale.at(Date.parse(item.until ?? item.when));
    const last = item.end ? scale.at(Date.parse(item.end)) : item.status === "active" ? scale.right : x;
    if (last > x) mark.push(svg("line", { x1: x, x2: last, y1: middle, y2: middle, class: item.fired ? "span quoted" : "span" }));
    mark.push(svg("circle", { cx: x, cy: middle, r: item.fired ? 5.5 : 4, class: `mark ${standing(item)}` }));
  } else {
    mark.push(svg("text", { x: scale.left + 4, y: middle + 4, class: "small" }, "no date"));
  }
  return svg("g", {}, svg("title", {}, tip), label, mark);
}

function panel(one, scale, top, narrow) {
  const values = [...one.points.map((point) => point.value), ...one.limits.map((limit) => limit.value), ...Object.values(one.reference)];
  const low = Math.min(...values), high = Math.max(...values);
  const room = (high - low || Math.abs(high) || 1) * 0.18;
  const bottom = top + tallness(one) - 8 + (narrow ? 12 : 0), ceiling = top + (narrow ? 22 : 6);
  const y = (value) => bottom - ((value - low + room) / (high - low + 2 * room)) * (bottom - ceiling);
  const dated = one.points.filter((point) => point.when).map((point) => ({ ...point, x: scale.at(Date.parse(point.when)), y: y(point.value) }));
  const newest = one.points[0];
  return svg("g", { class: "panel" },
    svg("rect", { x: scale.left, y: ceiling - 4, width: scale.right - scale.left + 8, height: bottom - ceiling + 10, class: "ground" }),
    band(one.reference, y, scale, ceiling, bottom),
    svg("text", { x: narrow ? 10 : 4, y: top + 14, class: `label ${standing(one)}` }, cut(one.name, narrow ? (scale.right - 20 - 8.5 * (newest?.written.length ?? 0)) / 7.4 : (scale.left - 16) / (one.fired ? 7.4 : 6.6))),
    newest ? svg("text", { x: narrow ? scale.right : 4, y: narrow ? top + 14 : top + 32, "text-anchor": narrow ? "end" : "start", class: "big" }, newest.written) : null,
    narrow || !newest ? null : svg("text", { x: 4, y: top + 48, class: "small" }, `${newest.day || "no date"}${one.points.length > 1 ? ` · ${one.points.length} results` : ""}`),
    one.limits.map((limit) => svg("line", { x1: scale.left, x2: scale.right + 8, y1: y(limit.value), y2: y(limit.value), class: "limit" },
      svg("title", {}, `${limit.name} = ${limit.written}\n${limit.topics.join(", ")}`))),
    dated.length > 1 ? svg("polyline", { points: dated.map((point) => `${point.x},${point.y}`).join(" "), class: "trend" }) : null,
    apart(one.limits, y).map(({ at, words }) => nameOf(cut(words, (scale.right - scale.left) / 6.2), at - 3, scale, dated)),
    dated.map((point) => svg("g", {}, svg("title", {}, `${point.written}\n${point.day}\n${point.reference}`),
      svg("circle", { cx: point.x, cy: point.y, r: point.fired ? 5.5 : 4, class: `mark ${standing(point)}` }))));
}

/** The name of a limit, at the side where no result lies on it. */
function nameOf(words, y, scale, points) {
  const wide = 6.4 * words.length, near = points.filter((point) => Math.abs(point.y - y) < 12);
  const right = near.some((point) => point.x < scale.left + wide) && !near.some((point) => point.x > scale.right - wide);
  return svg("text", { x: right ? scale.right + 4 : scale.left + 4, y, class: "limit-name", "text-anchor": right ? "end" : "start" }, words);
}

/** Names of limits, the topmost first; those that stand too close to each other share a line above them. */
function apart(limits, y) {
  const placed = [];
  for (const limit of [...limits].sort((a, b) => b.value - a.value)) {
    const at = y(limit.value);
    const near = placed.find((other) => Math.abs(other.at - at) < 14);
    const name = `${limit.name.replaceAll("_", " ")} ${limit.written}`;
    if (near) near.words += `; ${name}`; else placed.push({ at, words: name });
  }
  return placed;
}

function band(reference, y, scale, ceiling, bottom) {
  if (!("low" in reference) && !("high" in reference)) return null;
  const top = "high" in reference ? y(reference.high) : ceiling - 4;
  const base = "low" in reference ? y(reference.low) : bottom + 6;
  return svg("rect", { x: scale.left, y: top, width: scale.right - scale.left + 8, height: Math.max(0, base - top), class: "normal" },
    svg("title", {}, "reference range of the laboratory"));
}

const cut = (text, length) => (text.length <= length ? text : `${text.slice(0, Math.max(3, Math.floor(length) - 1)).trimEnd()}…`);

function tables(lanes, series) {
  const results = series.flatMap((one) => one.points.map((point) => [one.name, point.written, point.day || "–", point.topics.join(", "), resource(point.reference)]));
  const findings = lanes.flatMap((lane) => lane.items.map((item) => [item.label, [item.value, item.remark, item.status].filter(Boolean).join(", "), item.day || "–", item.topics.join(", "), resource(item.reference)]));
  return h("details", {}, h("summary", {}, "As a table"),
    table("Facts of the patient", ["Fact", "Value or state", "Date", "Quoted by", "Resource"], [...results, ...findings]));
}

