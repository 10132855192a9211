// Cards as an EHR shows them, with feedback that really goes out.

import { badge, byId, h, link, plural, show } from "./dom.js";
import { colouredJson } from "./editor.js";
import { markdown } from "./markdown.js";
import { call, launchHandle, Problem, sign } from "./server.js";

let number = 0;

/** Show the answer of a call in the page. */
export function showCards(place, answer, made) {
  const cards = Array.isArray(answer?.cards) ? answer.cards : [];
  const actions = Array.isArray(answer?.systemActions) ? answer.systemActions : [];
  show(place,
    cards.map((card) => cardOf(card ?? {}, made)),
    actions.length ? h("article", { class: "card" }, h("h3", {}, "System actions"), actionList(actions)) : null,
    cards.length + actions.length === 0 ? h("p", { class: "empty" }, "No cards: the service has nothing to say.") : null);
}

function cardOf(card, made) {
  const id = `card-${(number += 1)}`;
  const indicator = ["info", "warning", "critical"].includes(card.indicator) ? card.indicator : "info";
  const outcome = h("p", { class: "outcome", role: "status" });
  const feedback = new Feedback(card, made, outcome);
  return h("article", { class: `card ${indicator}`, "aria-labelledby": id },
    h("header", {}, badge(indicator), card.source?.topic?.code ? h("code", { class: "topic" }, card.source.topic.code) : null),
    h("h3", { id }, String(card.summary ?? "(no summary)")),
    card.detail ? markdown(card.detail) : null,
    suggestions(card, feedback),
    links(card, made),
    h("footer", {}, source(card), overrideMenu(card, feedback)),
    outcome);
}

function source(card) {
  const label = card.source?.label ?? "no source named";
  return h("span", { class: "source" }, "Source: ", card.source?.url ? link(label, card.source.url) : label);
}

function links(card, made) {
  const given = Array.isArray(card.links) ? card.links : [];
  if (!given.length) return null;
  return h("ul", { class: "links" }, given.map((one) => {
    const anchor = link(String(one.label ?? one.url), one.url);
    if (one.type === "smart") launchedBy(anchor, one, made);
    return h("li", {}, anchor, one.type === "smart" ? h("span", { class: "hint" }, " SMART app") : null);
  }));
}

/** Launch a SMART app as an EHR does, from our own FHIR server, with the patient of the request and the card's context. */
async function launchedBy(anchor, one, made) {
  if (!anchor.href || !made.patient) return;
  try {
    const handle = await launchHandle({ patient: made.patient, appContext: one.appContext });
    const url = new URL(one.url);
    url.searchParams.set("iss", handle.iss);
    url.searchParams.set("launch", handle.launch_id);
    anchor.href = url.href;
  } catch {
    // somebody else's patient or server: the address stays as it came
  }
}

function suggestions(card, feedback) {
  const given = Array.isArray(card.suggestions) ? card.suggestions : [];
  if (!given.length) return null;
  const one = card.selectionBehavior === "at-most-one";
  return h("div", { class: "suggestions", role: "group", "aria-label": one ? "Suggestions, at most one" : "Suggestions" },
    one && given.length > 1 ? h("p", { class: "hint" }, "At most one:") : null,
    given.map((suggestion) => {
      const button = h("button", { type: "button", class: suggestion.isRecommended ? "accept recommended" : "accept" },
        String(suggestion.label ?? "(no label)"), suggestion.isRecommended ? h("span", { class: "mark" }, "recommended") : null);
      feedback.offer(button, suggestion, one);
      return h("div", { class: "suggestion" }, button, actionList(suggestion.actions ?? []));
    }));
}

function actionList(actions) {
  if (!Array.isArray(actions) || !actions.length) return null;
  return h("details", {}, h("summary", {}, plural(actions.length, "action")),
    actions.map((action) => h("div", { class: "action" },
      h("p", {}, h("b", {}, String(action.type)), ` ${action.description ?? ""} `, action.resourceId ? h("code", {}, action.resourceId) : null),
      action.resource ? h("pre", { tabindex: "0" }, colouredJson(action.resource)) : null)));
}

function overrideMenu(card, feedback) {
  const reasons = Array.isArray(card.overrideReasons) ? card.overrideReasons : [];
  const id = `override-${(number += 1)}`;
  const select = h("select", { id }, h("option", { value: "" }, "no reason"),
    reasons.map((reason, at) => h("option", { value: String(at) }, String(reason.display ?? reason.code))));
  const comment = h("input", { id: `${id}-comment`, maxlength: "500", autocomplete: "off" });
  const button = h("button", { type: "button", class: "quiet" }, "Override");
  feedback.override(button, () => ({ reason: reasons[Number(select.value)], withReason: select.value !== "", comment: comment.value.trim() }));
  return h("details", { class: "override" }, h("summary", {}, "Override…"),
    h("div", { class: "menu" }, h("label", { for: id }, "Reason"), select,
      h("label", { for: `${id}-comment` }, "Comment"), comment, button));
}

/** What goes back of one card: accepted suggestions add up, an override ends it. */
class Feedback {
  constructor(card, made, outcome) {
    this.card = card;
    this.made = made;
    this.outcome = outcome;
    this.accepted = [];
    this.buttons = [];
  }

  offer(button, suggestion, alone) {
    this.buttons.push(button);
    if (!this.card.uuid || !suggestion.uuid) button.title = "Without uuid there is no feedback";
    button.addEventListener("click", async () => {
      const accepted = alone ? [suggestion.uuid] : [...this.accepted, suggestion.uuid];
      const sent = await this.send({ outcome: "accepted", acceptedSuggestions: accepted.map((id) => ({ id })) }, "Accepted");
      if (!sent) return;
      this.accepted = accepted;
      button.setAttribute("aria-pressed", "true");
      button.disabled = true;
      if (alone) this.close();
    });
  }

  override(button, chosen) {
    this.buttons.push(button);
    button.addEventListener("click", async () => {
      const { reason, withReason, comment } = chosen();
      const overrideReason = {};
      if (withReason) overrideReason.reason = { code: reason.code, system: reason.system, display: reason.display };
      if (comment) overrideReason.userComment = comment;
      const item = { outcome: "overridden" };
      if (Object.keys(overrideReason).length) item.overrideReason = overrideReason;
      if (await this.send(item, "Overridden")) this.close();
    });
  }

  close() { for (const button of this.buttons) button.disabled = true; }

  async send(item, word) {
    const url = `${this.made.url}/feedback`;
    if (!this.card.uuid) {
      this.outcome.textContent = "This card has no uuid, so no feedback can be given.";
      return false;
    }
    try {
      const token = this.made.signed ? await sign(url, this.made.issuer) : undefined;
      const body = JSON.stringify({ feedback: [{ card: this.card.uuid, outcomeTimestamp: new Date().toISOString(), ...item }] });
      const reply = await call(url, { body, token });
      const well = reply.status >= 200 && reply.status < 300;
      this.outcome.textContent = well ? `${word}. The service took the feedback (${reply.status}).`
        : `The service refused the feedback (${reply.status}).`;
      return well;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.outcome.textContent = error.message;
      return false;
    }
  }
}

export const cardsPlace = () => byId("cards");
