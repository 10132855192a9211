// Connect: the addresses that other tools need.

import { byId, h, link, show } from "./dom.js";
import { state } from "./state.js";

export function setUpConnect() {
  const { base, fhir } = state.start;
  const rows = [
    ["Discovery", `${base}/cds-services`], ["FHIR R4 server", fhir], ["Patients", `${fhir}/Patient`],
    ["Keys of the development signature", `${base}/playground/jwks.json`],
  ];
  show(byId("connect-body"),
    h("dl", { class: "addresses" }, rows.map(([name, url]) => h("div", {}, h("dt", {}, name), h("dd", {}, link(url, url), " ",
      h("button", { type: "button", class: "quiet small", "aria-label": `Copy ${name}`, onclick: async (event) => {
        await navigator.clipboard?.writeText(url);
        event.target.textContent = "copied";
      } }, "copy"))))),
    h("h2", {}, "The public CDS Hooks sandbox"),
    h("ol", {},
      h("li", {}, "Open ", link("sandbox.cds-hooks.org", "https://sandbox.cds-hooks.org"), ", or your own copy of it (", link("cds-hooks/sandbox", "https://github.com/cds-hooks/sandbox"), ")."),
      h("li", {}, "Settings, Change FHIR Server: ", h("code", {}, fhir)),
      h("li", {}, "Settings, Add CDS Services: ", h("code", {}, `${base}/cds-services`)),
      h("li", {}, "Settings, Change Patient: any of the patients, such as ", h("code", {}, "breast-bone-mets-leg-weakness"), "."),
      h("li", {}, "Should the browser ask whether the page may reach your local network: allow it.")),
    h("h2", {}, "Fetching what a client leaves out"),
    h("p", {}, "Start with ", h("code", {}, `CDS_FHIR_SERVERS=${fhir}`), "; then under Try give ", h("code", {}, "fhirServer"), " and omit a prefetch key."));
}
