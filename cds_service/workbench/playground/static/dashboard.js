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
    figures.drift.map((alert) => h("p", { class: "notice", role: "status" }, alert)),
    h("dl", { class: "tiles" }, tile("Cards and reminders shown", shown), tile("Accepted", sum("accepted"), shown), tile("Overridden", sum("overridden"), shown),
      tile("Done by the chart", sum("done"), shown),
      tile("No response", sum("no_response"), shown), tile("Held back", sum("capped") + sum("snoozed") + sum("withheld")), tile("Silent trial", sum("silent"))),
    h("div", { class: "two" },
      h("div", { class: "pane", id: "trend" }), h("div", { class: "pane" }, h("h2", {}, "By topic"),
        table("Cards by topic", ["Topic", "Shown", "Accepted", "Overridden", "Share"], topicRows(figures)))),
    h("div", { class: "two" }, reasons(figures), failures(figures)),
    h("div", { class: "two" }, needed(figures), burden(figures)),
    notUnderstood(figures),
    h("div", { class: "pane", id: "cards-behind", hidden: true, "aria-live": "polite" }),
    figures.unknownFeedback ? h("p", { class: "hint" }, `${plural(figures.unknownFeedback, "feedback item")} named no card on record.`) : null);
  trend(figures);
}

/** Cards by week, of one topic or of all. */
function trend(figures, topic) {
  const rows = figures.byWeek.map((row) => ({ ...row, topic: row.group.split("/")[0], week: row.group.split("/")[1] }));
  show(byId("trend"), h("h2", {}, topic ? `By week: ${humanly(topic)}` : "By week"),
    weekPlot(weeksOf(rows.filter((row) => !topic || row.topic === topic)), Math.max(280, Math.min(560, byId("dashboard-body").clientWidth - 40))), keys(),
    topic ? h("button", { type: "button", class: "quiet small", onclick: () => { byId("cards-behind").hidden = true; trend(figures); } }, "All topics") : null);
}

/** The cards behind a topic's figures, by pseudonym, and its trend. */
async function drillDown(figures, topic) {
  trend(figures, topic);
  const place = byId("cards-behind");
  try {
    const cards = await ask(`dashboard/cards/${encodeURIComponent(topic)}?weeks=${figures.weeks}`);
    const names = Object.keys(cards[0] ?? {});
    show(place, h("h2", {}, `Cards of ${humanly(topic)}`), h("p", { class: "hint" }, "Patients and cards by pseudonym; at most the newest 200."),
      table(`Cards of ${topic}`, names.map(humanly), cards.map((card) => names.map((name) => card[name]))));
    place.hidden = false;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    show(place, h("p", { class: "wrong" }, error.message));
  }
}

/** What of the calls since the start could not be used, and how many codes no value set lists. */
function notUnderstood({ notUnderstood }) {
  if (!notUnderstood.length) return null;
  return h("div", { class: "pane" }, h("h2", {}, "Not understood"),
    h("p", { class: "hint" }, "Since this service started. ", h("code", {}, "cds-service recognise"), " says which codes, units and answers these are, and proposes an overlay."),
    table("Not understood", ["Data", "Problem", "Times"], notUnderstood.map((one) => [humanly(one.need), humanly(one.problem), String(one.times)])));
}

function needed({ needed }) {
  return h("div", { class: "pane" }, h("h2", {}, "Cards for each one acted upon"),
    h("p", { class: "hint" }, "Accepted, or without feedback no longer due at the next opening within a week."),
    table("Number needed to alert", ["Topic", "Shown", "Accepted", "Settled", "Shown per action"],
      needed.map((one) => [one.topic, String(one.shown), String(one.accepted), String(one.settled), one.needed === null ? "none acted upon" : one.needed.toFixed(1)])));
}

function burden({ burden, users }) {
  return h("div", { class: "pane" }, h("h2", {}, "Burden"),
    table("Cards per 100 calls", ["Service", "Calls", "Cards", "Cards per 100 calls"], burden.map((one) => [one.service, String(one.calls), String(one.cards), one.per_100.toFixed(1)])),
    users.users ? h("p", { class: "hint" }, `${plural(users.users, "user")} saw a median of ${users.median} cards; nine of ten at most ${users.nine_of_ten}; the busiest ${users.most}.`) : null);
}

function tile(name, count, of) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, String(count), of ? h("span", { class: "hint" }, ` ${((100 * count) / of).toFixed(0)} %`) : null));
}

const keys = () => h("ul", { class: "keys" }, ["accepted", "overridden", "unanswered"].map((kind) => h("li", {}, h("span", { class: `key ${kind}` }), ` ${kind}`)));

function weeksOf(rows) {
  const weeks = new Map();
  for (const row of rows) {
    const { week } = row;
    const sum = weeks.get(week) ?? { week, shown: 0, accepted: 0, overridden: 0 };
    for (const name of ["shown", "accepted", "overridden"]) sum[name] += row[name];
    weeks.set(week, sum);
  }
  return [...weeks.values()].sort((a, b) => a.week.localeCompare(b.week));
}

function topicRows(figures) {
  return [...figures.topics].sort((a, b) => b.shown - a.shown).map((topic) => [
    h("button", { type: "button", class: "quiet small", title: "Trend and cards", onclick: () => drillDown(figures, topic.group) }, topic.group),
    String(topic.shown), String(topic.accepted), String(topic.overridden),
    share([["accepted", topic.accepted], ["overridden", topic.overridden], ["unanswered", topic.no_response]], 110)]);
}

function reasons(figures) {
  return h("div", { class: "pane" }, h("h2", {}, "Why overridden"), figures.reasons.length
    ? table("Override reasons", ["Topic", "Reason", "Cards"], figures.reasons.map((reason) => [reason.group[0], reason.code ? humanly(reason.code) : reason.with_comment ? "comment only" : "none given", String(reason.cards)]))
    : h("p", { class: "hint" }, "No card was overridden."));
}

function failures(figures) {
  return h("div", { class: "pane" }, h("h2", {}, "Could not tell, or failed"), figures.failures.length
    ? table("Rules without an answer", ["Topic", "Kind", "Because", "Times"], figures.failures.map(([topic, kind, because, times]) => [topic, humanly(kind), because, String(times)]))
    : h("p", { class: "hint" }, "Every rule answered."));
}
