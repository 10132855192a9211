// Dashboard: what was shown, accepted and overridden.

import { byId, h, humanly, plural, show, table } from "./dom.js";
import { share, weekPlot } from "./plot.js";
import { ask, Problem } from "./server.js";

export function setUpDashboard() {
  byId("weeks").addEventListener("change", openDashboard);
  byId("refresh").addEventListener("click", openDashboard);
}

export async function openDashboard() {
  const place = byId("dashboard-body");
  try {
    draw(place, await ask(`dashboard?weeks=${byId("weeks").value}`));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    show(place, h("p", { class: "wrong" }, error.message));
  }
}

function draw(place, figures) {
  const sum = (name) => figures.topics.reduce((all, topic) => all + topic[name], 0);
  const shown = sum("shown");
  if (!shown && !figures.failures.length) {
    show(place, h("p", { class: "empty" }, `No card was shown since ${figures.since}. Send a call under Try.`));
    return;
  }
  show(place,
    h("dl", { class: "tiles" }, tile("Cards shown", shown), tile("Accepted", sum("accepted"), shown), tile("Overridden", sum("overridden"), shown),
      tile("No response", sum("no_response"), shown), tile("Held back", sum("capped") + sum("snoozed")), tile("Silent trial", sum("silent"))),
    h("div", { class: "two" },
      h("div", { class: "pane" }, h("h2", {}, "By week"), weekPlot(weeksOf(figures.byWeek), Math.max(280, Math.min(560, place.clientWidth - 40))), keys()),
      h("div", { class: "pane" }, h("h2", {}, "By topic"), table("Cards by topic", ["Topic", "Shown", "Accepted", "Overridden", "Share"], topicRows(figures)))),
    h("div", { class: "two" }, reasons(figures), failures(figures)),
    figures.unknownFeedback ? h("p", { class: "hint" }, `${plural(figures.unknownFeedback, "feedback item")} named no card on record.`) : null);
}

function tile(name, count, of) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, String(count), of ? h("span", { class: "hint" }, ` ${((100 * count) / of).toFixed(0)} %`) : null));
}

const keys = () => h("ul", { class: "keys" }, ["accepted", "overridden", "unanswered"].map((kind) => h("li", {}, h("span", { class: `key ${kind}` }), ` ${kind}`)));

function weeksOf(rows) {
  const weeks = new Map();
  for (const row of rows) {
    const week = row.group[1];
    const sum = weeks.get(week) ?? { week, shown: 0, accepted: 0, overridden: 0 };
    for (const name of ["shown", "accepted", "overridden"]) sum[name] += row[name];
    weeks.set(week, sum);
  }
  return [...weeks.values()].sort((a, b) => a.week.localeCompare(b.week));
}

function topicRows({ topics }) {
  return [...topics].sort((a, b) => b.shown - a.shown).map((topic) => [topic.group[0], String(topic.shown), String(topic.accepted), String(topic.overridden),
    share([["accepted", topic.accepted], ["overridden", topic.overridden], ["unanswered", topic.no_response]], 110)]);
}

function reasons(figures) {
  return h("div", { class: "pane" }, h("h2", {}, "Why overridden"), figures.reasons.length
    ? table("Override reasons", ["Topic", "Reason", "Cards"], figures.reasons.map((reason) => [reason.group[0], reason.code ? humanly(reason.code) : reason.with_comment ? "comment only" : "none given", String(reason.cards)]))
    : h("p", { class: "hint" }, "No card was overridden."));
}

function failures(figures) {
  return h("div", { class: "pane" }, h("h2", {}, "Could not tell, or failed"), figures.failures.length
    ? table("Rules without an answer", ["Topic", "Kind", "Because", "Times"], figures.failures.map(({ group, failures: times }) => [group[0], humanly(group[1]), group[2], String(times)]))
    : h("p", { class: "hint" }, "Every rule answered."));
}
