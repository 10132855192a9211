// The page: which part is shown, and what follows a call.

import { forgetChart, redrawChart, showChart } from "./chart.js";
import { setUpConnect } from "./connect.js";
import { openDashboard, setUpDashboard } from "./dashboard.js";
import { byId, h, show } from "./dom.js";
import { ask, Problem } from "./server.js";
import { on, state } from "./state.js";
import { send, setUpTry } from "./try.js";
import { aimTune, openTune, setUpTune } from "./tune.js";
import { setUpValidate } from "./validate.js";
import { showWhy } from "./why.js";

const PARTS = ["try", "why", "chart", "tune", "dashboard", "validate", "connect"];
const OPENED = { chart: redrawChart, tune: openTune, dashboard: openDashboard };

function open(focus) {
  const wanted = location.hash.slice(1);
  if (wanted === "main") return;
  const part = PARTS.includes(wanted) ? wanted : "try";
  for (const name of PARTS) byId(name).hidden = name !== part;
  for (const anchor of document.querySelectorAll(".top nav a")) {
    if (anchor.hash === `#${part}`) anchor.setAttribute("aria-current", "page"); else anchor.removeAttribute("aria-current");
  }
  document.title = `${byId(`${part}-title`).textContent} – CDS playground`;
  OPENED[part]?.();
  if (focus) { byId("main").focus({ preventScroll: true }); window.scrollTo(0, 0); }
}

function report(error) {
  const place = byId("problem");
  place.textContent = error instanceof Problem ? error.message : "The page failed; reload it.";
  place.hidden = false;
  if (!(error instanceof Problem)) throw error;
}

on("call", async (last) => {
  for (const line of document.querySelectorAll(".call-line")) {
    const cards = last.reply.json?.cards?.length;
    line.textContent = `${last.patient} · ${last.request?.hook} · ${last.reply.status}${cards === undefined ? "" : ` · ${cards} cards`}`
      + (last.reply.url.startsWith(`${state.start.base}/`) ? "" : ` · answered by ${new URL(last.reply.url).host}; explained by this service`);
  }
  try {
    if (!last.service) throw new Problem(`No service here answers the hook ${last.request?.hook}.`);
    const explanation = await ask("explain", { service: last.service, request: last.request });
    state.explanation = explanation;
    showWhy(explanation);
    showChart(explanation.chart);
    aimTune(explanation);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    state.explanation = null;
    forgetChart();
    for (const place of ["why-body", "chart-body"]) show(byId(place), h("p", { class: "wrong" }, error.message));
  }
});

async function begin() {
  state.start = await ask("start");
  byId("about").textContent = `cds-service ${state.start.version} · knowledge ${state.start.knowledge}${state.start.site ? ` · site ${state.start.site}` : ""}`;
  setUpDashboard();
  setUpValidate();
  setUpConnect();
  await Promise.all([setUpTry(), setUpTune()]);
  for (const button of document.querySelectorAll("[data-jump]")) button.addEventListener("click", () => byId(button.dataset.jump).scrollIntoView());
  window.addEventListener("hashchange", () => open(true));
  open(false);
  await send();
  document.body.dataset.ready = "true";
}

begin().catch(report);
