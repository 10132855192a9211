// Try: choose a patient, change the request, send it anywhere, see the cards.

import { byId, h, plural, show } from "./dom.js";
import { cardsPlace, showCards } from "./cards.js";
import { colouredJson, JsonEditor } from "./editor.js";
import { ask, call, Problem, sign } from "./server.js";
import { state, tell } from "./state.js";

const WAYS = ["send", "null", "omit", "OperationOutcome", "paged"];
let editor, supplied = {}, ways = {}, sentInstance = "", changing = false, refused = { sent: "", issues: [] };

export function setUpTry() {
  editor = new JsonEditor(byId("editor"), { label: "Request body", rows: 18, onchange: edited });
  const { start } = state;
  show(byId("patient"), groups(start.patients));
  show(byId("service"), start.services.map((one) => h("option", { value: one.id }, `${one.hook} · ${one.id}`)));
  show(byId("service-ids"), start.services.map((one) => h("option", { value: one.id })));
  byId("base").value = start.base;
  byId("issuer").value = start.issuer;
  if (window.matchMedia("(max-width: 860px)").matches) byId("prefetch").open = false;
  byId("sign").checked = start.authentication !== "off";
  byId("patient").addEventListener("change", () => choosePatient(byId("patient").value));
  byId("service").addEventListener("change", load);
  byId("give-server").addEventListener("change", giveServer);
  byId("discover").addEventListener("click", discover);
  for (const id of ["base", "service-id"]) byId(id).addEventListener("input", mistakes);
  byId("file").addEventListener("change", () => open(byId("file").files[0]));
  onFileDropped((over) => byId("drop").classList.toggle("over", over), (file) => { location.hash = "try"; open(file); });
  byId("call").addEventListener("submit", (event) => { event.preventDefault(); send(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !byId("try").hidden) { event.preventDefault(); send(); }
  });
  const wanted = start.patients.find((one) => one.name === "breast-bone-mets-leg-weakness") ?? start.patients[0];
  return wanted ? choosePatient(wanted.name) : undefined;
}

/** A file may be dropped anywhere on the page; text that is dragged stays the browser's. */
function onFileDropped(mark, take) {
  const listen = (kind, act) => document.addEventListener(kind, (event) => {
    if (event.dataTransfer?.types.includes("Files")) { event.preventDefault(); act(event); }
  });
  listen("dragover", () => mark(true));
  listen("dragleave", () => mark(false));
  listen("drop", (event) => { mark(false); take(event.dataTransfer.files[0]); });
}

function groups(patients) {
  const hooks = [...new Set(patients.map((one) => one.hook))].sort((a, b) => (b === "patient-view") - (a === "patient-view"));
  return hooks.map((hook) => h("optgroup", { label: `for ${hook}` },
    patients.filter((one) => one.hook === hook).map((one) => h("option", { value: one.name }, one.name))));
}

/** Choose a patient and the hook that the patient was made for. */
export async function choosePatient(name) {
  const patient = state.start.patients.find((one) => one.name === name);
  if (!patient) return;
  byId("patient").value = name;
  byId("patient-about").textContent = patient.about;
  const service = state.start.services.find((one) => one.hook === patient.hook);
  if (service) byId("service").value = service.id;
  await load();
}

/** A file of the user's own: a hook request as it is, a Bundle of one patient made into one. */
async function open(file) {
  if (!file) return;
  try {
    const service = state.start.services.find((one) => one.id === byId("service").value);
    const request = await ask("open", { text: await file.text(), hook: service?.hook ?? "patient-view" });
    const fitting = state.start.services.find((one) => one.hook === request.hook);
    if (fitting) { byId("service").value = fitting.id; byId("service-id").value = fitting.id; }
    supplied = request.prefetch ?? {};
    ways = {};
    editor.value = request;
    byId("patient-about").textContent = `From ${file.name}.`;
    listKeys();
    await send();
  } catch (error) {
    report(error);
  } finally {
    byId("file").value = "";
  }
}

async function load() {
  const service = byId("service").value;
  byId("service-id").value = service;
  try {
    const request = await ask(`requests/${encodeURIComponent(byId("patient").value)}/${encodeURIComponent(service)}`);
    supplied = request.prefetch ?? {};
    ways = {};
    editor.value = request;
    giveServer();
    listKeys();
  } catch (error) {
    report(error);
  }
}

/** What is wrong with the call, each with a way to it and, where there is one, its mending. */
function mistakes() {
  const request = editor?.wellFormed ? editor.value : null;
  const found = [];
  const hooks = [...new Set(state.start.services.map((one) => one.hook))];
  if (request && typeof request === "object" && !Array.isArray(request)) {
    if (!hooks.includes(request.hook)) {
      const near = nearest(String(request.hook), hooks);
      found.push([`"hook" is ${JSON.stringify(request.hook)}; this service answers ${hooks.join(", ")}`, '"hook"', `use ${near}`, (body) => { body.hook = near; }]);
    }
    const ids = state.start.services.map((one) => one.id), id = byId("service-id").value.trim();
    if (ours() && !ids.includes(id)) {
      const near = (state.start.services.find((one) => one.hook === request.hook) ?? state.start.services[0]).id;
      found.push([`The service is ${id ? JSON.stringify(id) : "not named"}; a hook is called with POST at the address of one`, byId("service-id"), `use POST /cds-services/${near}`, () => { byId("service-id").value = near; }]);
    }
    const user = request.context?.userId;
    if (typeof user === "string" && !/^(Practitioner|PractitionerRole|Patient|RelatedPerson)\/./.test(user)) {
      found.push([`"userId" is ${JSON.stringify(user)}; it begins with the type, such as Practitioner/`, '"userId"', "put Practitioner/ before it", (body) => { body.context.userId = `Practitioner/${user}`; }]);
    }
    const patient = request.context?.patientId;
    if (typeof patient === "string" && patient.startsWith("Patient/")) {
      found.push([`"patientId" is ${JSON.stringify(patient)}; it is the id alone`, '"patientId"', "take Patient/ off", (body) => { body.context.patientId = patient.slice(8); }]);
    }
    if (!request.hookInstance) found.push(['"hookInstance" is missing', '"hook"', "make one", (body) => { body.hookInstance = crypto.randomUUID(); }]);
  }
  if (editor?.text === refused.sent) {
    for (const { details, expression } of refused.issues) {
      const near = `"${(expression?.[0] ?? "").split(".").pop()}"`;
      if (!found.some(([text, place]) => place === near || text.includes(near))) found.push([details?.text ?? "The service refused the request", near]);
    }
  }
  const list = byId("mistakes");
  list.hidden = !found.length;
  show(list, found.map(([text, near, mend, how]) => h("li", {}, `${text.replace(/\.$/, "")}. `,
    typeof near !== "string" || editor.text.includes(near) ? h("button", { type: "button", class: "quiet small", onclick: () => goTo(near) }, "Go to it") : null, " ",
    mend ? h("button", { type: "button", class: "quiet small", onclick: () => { change(how); mistakes(); } }, mend) : null)));
}

function goTo(near) {
  if (typeof near === "string") { editor.goTo(near); return; }
  near.closest("details").open = true;
  near.focus();
}

/** Whether the call goes to this very service, whose ids are known. */
const ours = () => address() === `${state.start.base}/cds-services`;

/** The one of some names that the fewest letters make of a text (Levenshtein). */
function nearest(text, names) {
  const steps = (a, b) => {
    let row = [...Array(b.length + 1).keys()];
    for (let i = 1; i <= a.length; i += 1) {
      const next = [i];
      for (let j = 1; j <= b.length; j += 1) next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
      row = next;
    }
    return row[b.length];
  };
  return [...names].sort((a, b) => steps(text, a) - steps(text, b))[0];
}

function edited() {
  if (editor) mistakes();
  byId("send").disabled = Boolean(editor) && !editor.wellFormed;
}

function listKeys() {
  const service = state.start.services.find((one) => one.id === byId("service").value);
  const keys = [...new Set([...Object.keys(service?.prefetch ?? {}), ...Object.keys(supplied)])];
  byId("prefetch-count").textContent = plural(keys.length, "key");
  show(byId("prefetch-keys"), keys.map((key) => {
    const select = h("select", { id: `way-${key}`, onchange: () => setWay(key, select.value) },
      WAYS.map((way) => h("option", { value: way, disabled: way === "paged" && !canPage(supplied[key]) }, way)));
    return h("div", {}, h("label", { for: `way-${key}` }, key, " ", h("span", { class: "count" }, sizeOf(supplied[key]))), select);
  }));
}

const entriesOf = (value) => (value?.resourceType === "Bundle" ? value.entry ?? [] : null);
const canPage = (value) => (entriesOf(value)?.length ?? 0) > 1;

function sizeOf(value) {
  const entries = entriesOf(value);
  return entries ? String(entries.length) : value ? "1" : "–";
}

function setWay(key, way) {
  ways[key] = way;
  change((request) => {
    const prefetch = { ...(request.prefetch ?? {}) };
    delete prefetch[key];
    const value = sentAs(key, way);
    if (value !== undefined) prefetch[key] = value;
    const order = Object.keys(supplied);
    request.prefetch = Object.fromEntries(Object.entries(prefetch).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)));
  });
}

function sentAs(key, way) {
  const value = supplied[key];
  if (way === "omit") return undefined;
  if (way === "null") return null;
  if (way === "OperationOutcome") {
    return { resourceType: "OperationOutcome", issue: [{ severity: "error", code: "timeout", diagnostics: "The search took too long." }] };
  }
  if (way === "paged") {
    const entries = entriesOf(value);
    const next = `${state.start.fhir}/${entries[0].resource.resourceType}?patient=${encodeURIComponent(byId("patient").value)}&_offset=${Math.ceil(entries.length / 2)}`;
    return { ...value, total: entries.length, link: [{ relation: "next", url: next }], entry: entries.slice(0, Math.ceil(entries.length / 2)) };
  }
  return value;
}

/** Change the request in the editor, when what stands there can be read. */
function change(how) {
  if (!editor.wellFormed || changing) return;
  changing = true;
  const request = structuredClone(editor.value);
  how(request);
  const top = editor.area.scrollTop;
  editor.value = request;
  editor.area.scrollTop = top;
  changing = false;
}

function giveServer() {
  change((request) => {
    delete request.fhirServer;
    if (byId("give-server").checked) request.fhirServer = state.start.fhir;
  });
}

function address() {
  const base = byId("base").value.trim().replace(/\/+$/, "").replace(/\/cds-services$/, "");
  return `${base}/cds-services`;
}

async function discover() {
  const place = byId("discovered");
  try {
    const url = address();
    const token = byId("sign").checked ? await sign(url, byId("issuer").value) : undefined;
    const reply = await call(url, { token });
    const services = Array.isArray(reply.json?.services) ? reply.json.services : [];
    show(byId("service-ids"), services.map((one) => h("option", { value: String(one.id) }, String(one.hook))));
    const hook = editor.value?.hook;
    const fitting = services.find((one) => one.hook === hook);
    if (fitting) byId("service-id").value = fitting.id;
    place.textContent = reply.status === 200 ? `${plural(services.length, "service")}: ${services.map((one) => one.id).join(", ")}` : `status ${reply.status}`;
  } catch (error) {
    place.textContent = error.message;
  }
}

function renewInstance() {
  const request = editor.value;
  if (byId("fresh").checked && request?.hookInstance && request.hookInstance === sentInstance) {
    change((fresh) => { fresh.hookInstance = crypto.randomUUID(); });
  }
  sentInstance = editor.value?.hookInstance ?? "";
}

export async function send() {
  if (!editor.wellFormed) { editor.goToMistake(); return; }
  renewInstance();
  const made = {
    url: `${address()}/${encodeURIComponent(byId("service-id").value)}`,
    signed: byId("sign").checked,
    issuer: byId("issuer").value,
    patient: editor.value?.context?.patientId,
  };
  byId("status").textContent = "Asking…";
  byId("send").disabled = true;
  try {
    const token = made.signed ? await sign(made.url, made.issuer) : undefined;
    const reply = await call(made.url, { body: editor.text, token });
    refused = { sent: editor.text, issues: reply.status === 200 ? [] : reply.json?.issue ?? [] };
    showReply(reply, made);
    if (document.body.dataset.ready) byId("status").scrollIntoView({ block: "nearest" });
    remember(reply);
  } catch (error) {
    report(error);
  } finally {
    edited();
  }
}

function showReply(reply, made) {
  const cards = Array.isArray(reply.json?.cards) ? plural(reply.json.cards.length, "card") : "no cards";
  const status = byId("status");
  status.classList.toggle("wrong", reply.status !== 200);
  status.textContent = `${reply.status} · ${cards} · ${reply.milliseconds.toFixed(0)} ms · ${(reply.size / 1000).toFixed(1)} kB`
    + (made.signed ? " · signed" : "");
  show(byId("raw"), reply.json === undefined ? [reply.text] : colouredJson(reply.json));
  if (reply.status === 200) showCards(cardsPlace(), reply.json, made);
  else show(cardsPlace(), h("p", { class: "empty" }, reply.json?.issue?.[0]?.details?.text ?? "The service did not answer with cards."));
}

function remember(reply) {
  const request = editor.value;
  const own = state.start.services.find((one) => one.hook === request?.hook && one.id === byId("service-id").value)
    ?? state.start.services.find((one) => one.hook === request?.hook);
  state.last = { request, reply, service: own?.id ?? "", patient: request?.context?.patientId ?? "" };
  tell("call", state.last);
}

function report(error) {
  if (!(error instanceof Problem)) throw error;
  const status = byId("status");
  status.classList.add("wrong");
  status.textContent = error.message;
}
