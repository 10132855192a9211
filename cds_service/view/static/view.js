// Copying orders, and opening at the card that the launch came from. The page reads without it, and its words stand there.

const notice = document.getElementById("notice");

/** A sentence of the page with its places filled: "{points} points". */
const fill = (sentence, parts) => sentence.replace(/\{(\w+)\}/g, (_, name) => parts[name]);

function tell(text) {
  notice.textContent = text;
  setTimeout(() => { if (notice.textContent === text) notice.textContent = ""; }, 4000);
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      tell(notice.dataset.copied);
    } catch {
      tell(notice.dataset.uncopied);
    }
  });
}

document.querySelector("[data-opened]")?.scrollIntoView();

// The time line: marks are drawn by the server for the whole time; a zoom places them anew.

const left = 3, right = 97, room = 17;
const share = (ago, days) => right - (right - left) * Math.log1p(ago) / Math.log1p(days);

function zoom(days) {
  for (const one of document.querySelectorAll("#course [data-ago]")) {
    const ago = Number(one.dataset.ago);
    const until = Number(one.dataset.until ?? ago);
    const shown = one.classList.contains("mark") ? until <= days : ago <= days;
    one.toggleAttribute("hidden", !shown);
    if (!shown) continue;
    const from = `${share(Math.min(ago, days), days)}%`;
    if (one.tagName === "text") one.setAttribute("x", from);
    else if (one.tagName === "line") { one.setAttribute("x1", from); one.setAttribute("x2", from); }
    else {
      one.querySelector("circle").setAttribute("cx", from);
      one.querySelector("line").setAttribute("x1", from);
      one.querySelector("line").setAttribute("x2", `${share(until, days)}%`);
    }
  }
  let named = Infinity; // a name without room beside the next gives way on a phone
  for (const one of document.querySelectorAll("#course .axis text:not([hidden])")) {
    const at = parseFloat(one.getAttribute("x"));
    one.classList.toggle("close", named - at < room);
    if (named - at >= room) named = at;
  }
}

const zooms = [...document.querySelectorAll("[data-zoom]")];
for (const button of zooms) {
  button.addEventListener("click", () => {
    for (const one of zooms) one.setAttribute("aria-pressed", String(one === button));
    zoom(Number(button.dataset.zoom));
  });
}

const said = document.getElementById("said");
for (const lane of document.querySelectorAll("svg.line")) {
  const say = (event) => { const mark = event.target.closest?.(".mark"); if (mark) said.textContent = mark.getAttribute("aria-label"); };
  lane.addEventListener("focusin", say);
  lane.addEventListener("pointerover", say);
  lane.addEventListener("keydown", (event) => {
    const step = { ArrowRight: -1, ArrowLeft: 1, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined) return;
    const marks = [...lane.querySelectorAll(".mark:not([hidden])")].sort((one, other) => one.dataset.ago - other.dataset.ago);
    const at = marks.indexOf(event.target.closest(".mark"));
    const next = marks[Math.min(marks.length - 1, Math.max(0, at + step))];
    if (!next) return;
    event.preventDefault();
    for (const mark of marks) mark.setAttribute("tabindex", mark === next ? "0" : "-1");
    next.focus();
  });
}

// Scores: the answers change what is shown, and go nowhere unless they are sent.

for (const form of document.querySelectorAll("form.score")) {
  const bands = form.dataset.bands.split("|").map((band) => band.split("=")).map(([start, says]) => [Number(start), says]);
  const meaning = (points) => bands.findLast(([start]) => points >= start)[1];
  const named = (says) => says.split(":")[0];
  const questions = [...form.querySelectorAll("fieldset")];
  const send = form.querySelector("button[type=submit]");
  form.addEventListener("change", () => {
    let least = 0, most = 0, open = 0;
    for (const question of questions) {
      const chosen = question.querySelector("input:checked");
      const each = [...question.querySelectorAll("input")].map((input) => Number(input.dataset.points));
      least += chosen ? Number(chosen.dataset.points) : Math.min(...each);
      most += chosen ? Number(chosen.dataset.points) : Math.max(...each);
      open += chosen ? 0 : 1;
    }
    const { points, between, to, missing, whole } = form.dataset;
    const [low, high] = [meaning(least), meaning(most)];
    const range = least === most ? least : fill(between, { least, most });
    form.querySelector("output").value = fill(points, { points: range, meaning: low === high ? low : fill(to, { low: named(low), high: named(high) }) });
    form.querySelector("summary").textContent = open ? fill(missing, { count: open, all: questions.length }) : whole;
    if (send) send.disabled = open > 0;
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    const body = JSON.stringify(Object.fromEntries(new FormData(form)));
    try {
      const answer = await fetch(form.action, { method: "POST", headers: { "Content-Type": "application/json" }, body });
      tell((await answer.json()).says);
    } catch {
      tell(notice.dataset.unsent);
    }
    send.disabled = false;
  });
}
