// The workbench: one case on one page. What the machine, the device and the officer think unfolds after a first look.
import { ask, askPart, element } from "./bench_api.js";
import { EvidenceUsed } from "./evidence_used.js";
import { FindingForm } from "./finding_form.js";
import { Lease } from "./lease.js";
import { notify } from "./notices.js";
import { ReferenceSet } from "./reference_set.js";
import { SpectrumView } from "./spectrum_view.js";
import { showTimes } from "./times.js";
import { word } from "./words.js";
import { listenToKeys } from "./workbench_keys.js";

const bench = document.getElementById("workbench");
const caseId = bench.dataset.case;
const now = () => document.getElementById("case-now");
const tabs = [...document.querySelectorAll(".tabs [data-scan]")];
const keptSets = new Map(); // of spectra that were left for another
let current = null;
let beside = null;

const lease = new Lease(caseId, "lease", () => {});
const view = new SpectrumView(document.getElementById("view") ?? document.createElement("div"), {
  onRead: readOut,
  onRange: sayPeaks,
});
const set = document.getElementById("set") ? new ReferenceSet(caseId, view) : null;
const used = new EvidenceUsed();
const finding = new FindingForm(caseId, lease, {
  reading: () => now().dataset.reading,
  evidence: () => used.lines(looks()),
  onDone: refreshCase,
});

// -- the spectrum ----------------------------------------------------------------------------------------------------

async function open(tab) {
  if (!tab) return;
  if (current) keptSets.set(keyOf(current), set.rows);
  current = tab;
  for (const each of tabs) each.setAttribute("aria-pressed", String(each === tab));
  for (const each of document.querySelectorAll("section.machine")) {
    each.hidden = !(each.dataset.ofScan === tab.dataset.scan && each.dataset.ofPosition === tab.dataset.position);
  }
  const data = await evidence(tab);
  if (!data || current !== tab) return;
  view.setScan(data);
  showModes();
  const kept = keptSets.get(keyOf(tab));
  set.start(data, kept?.length ? kept : undefined);
  if (data.why_not) notify("plain", data.why_not);
}

async function evidence(tab) {
  const query = new URLSearchParams({ scan: tab.dataset.scan, spectrum: tab.dataset.position });
  const answer = await ask(`/desk/cases/${caseId}/evidence.json?${query}`);
  if (!answer.ok) notify("warning", word("load_failed", { why: answer.body.detail }));
  return answer.ok ? answer.body : null;
}

// The spectra that were opened, with the references as they were left.
function looks() {
  const labelOf = (tab) => tab.textContent.trim().replace(/\s+/g, " ");
  return tabs
    .map((tab) => ({ label: labelOf(tab), rows: (tab === current ? set?.rows : keptSets.get(keyOf(tab))) ?? [] }))
    .filter(({ rows }) => rows.length);
}

function keyOf(tab) {
  return `${tab.dataset.scan}/${tab.dataset.position}`;
}

async function toggleBeside() {
  const place = document.getElementById("view-beside");
  const button = document.querySelector('[data-do="beside"]');
  if (!button) return;
  const wanted = place.hidden;
  const other = tabs.find((tab) => tab.dataset.technique !== current.dataset.technique);
  if (wanted && !other) return;
  place.hidden = !wanted;
  document.getElementById("plots").classList.toggle("two", wanted);
  button.setAttribute("aria-pressed", String(wanted));
  if (!wanted) return;
  used.opened("beside");
  beside ??= new SpectrumView(place, {});
  const data = await evidence(other);
  if (!data) return;
  beside.setScan(data);
  beside.setFit(data.machine?.fit ?? null);
}

function setMode(mode) {
  view.setMode(mode);
  used.opened(mode);
  if (beside && !document.getElementById("view-beside").hidden) beside.setMode(mode);
  showModes();
}

function showModes() {
  for (const button of document.querySelectorAll("[data-mode]")) button.setAttribute("aria-pressed", String(button.dataset.mode === view.mode));
}

function toggleLayer(layer) {
  const button = document.querySelector(`[data-layer="${layer}"]`);
  if (!button || button.hidden) return;
  const isOn = view.toggle(layer);
  if (isOn) used.opened(layer);
  button.setAttribute("aria-pressed", String(isOn));
}

function readOut(x, values) {
  const said = values.slice(0, 5).map(([name, y]) => `${name} ${Number(y.toPrecision(4))}`);
  document.getElementById("readout").textContent = `${x.toFixed(1)} cm⁻¹ · ${said.join(" · ")}`;
}

function sayPeaks() {
  const found = view.peaksInView(12).map((peak) => Math.round(peak.x));
  const text = found.length ? word("peaks_at", { peaks: found.join(", ") }) : word("peaks_none");
  document.getElementById("peaks-in-words").textContent = text;
}

// -- references by name ----------------------------------------------------------------------------------------------

const named = new Map();
const adder = document.getElementById("add-reference");
adder?.elements.reference.addEventListener("input", async ({ target }) => {
  if (named.has(target.value)) return addNamed(target.value);
  const typed = target.value.trim();
  if (typed.length < 2) return undefined;
  const query = new URLSearchParams({ q: typed, technique: current?.dataset.technique.toLowerCase() ?? "" });
  const answer = await ask(`/desk/substances.json?${query}`);
  if (!answer.ok || target.value.trim() !== typed) return undefined;
  for (const each of answer.body.items) named.set(each.name, each);
  document.getElementById("reference-names").replaceChildren(...answer.body.items.map((each) => element("option", { value: each.name }, each.class ?? "")));
  return undefined;
});
adder?.addEventListener("submit", (event) => {
  event.preventDefault();
  addNamed(adder.elements.reference.value);
});

async function addNamed(typed) {
  const name = typed.trim().toLowerCase();
  if (!name) return;
  const known = [...named.values()];
  const found = known.find((each) => each.name.toLowerCase() === name) ?? known.find((each) => each.substance.toLowerCase() === name) ?? known.find((each) => each.name.toLowerCase().startsWith(name));
  if (!found) {
    notify("plain", word("no_such_reference", { name: typed }));
    return;
  }
  adder.elements.reference.value = "";
  await set.add(found);
}

// -- views -----------------------------------------------------------------------------------------------------------

function wireViews() {
  const form = document.getElementById("impression");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    recordImpression();
  });
  for (const details of document.querySelectorAll("details[data-fetch]")) {
    details.addEventListener("toggle", () => fetchInto(details));
  }
}

async function fetchInto(details) {
  if (!details.open || details.dataset.of === keyOf(current)) return;
  details.dataset.of = keyOf(current);
  used.opened(details.dataset.fetch);
  const query = new URLSearchParams({ scan: current.dataset.scan, spectrum: current.dataset.position });
  const part = await askPart(`/desk/cases/${caseId}/${details.dataset.fetch}?${query}`);
  if (part) details.querySelector("div").replaceChildren(...part.childNodes);
  showTimes(details);
}

async function recordImpression() {
  const text = document.getElementById("impression-text").value.trim();
  if (!text) return;
  const answer = await ask(`/api/v1/cases/${caseId}/first-impression`, { method: "POST", body: { lease_token: lease.token ?? "", text } });
  if (!answer.ok) {
    notify("warning", word("not_taken", { why: answer.body.detail }));
    if (answer.status === 409) lease.lost();
    return;
  }
  await unfold();
}

async function unfold() {
  const part = await askPart(`/desk/cases/${caseId}/views`);
  if (!part) {
    offerReload(word("changed"));
    return;
  }
  document.getElementById("views").replaceWith(...part.childNodes);
  showTimes(document);
  wireViews();
  for (const button of document.querySelectorAll("[data-layer][hidden], [data-mode][hidden]")) button.hidden = false;
  const heading = document.querySelector("section.machine:not([hidden]) h2");
  heading?.setAttribute("tabindex", "-1");
  heading?.focus(); // keys work at once, and a screen reader reads the verdict
  const range = view.range;
  const tab = current;
  current = null;
  keptSets.clear();
  await open(tab);
  if (range) view.range = range;
  view.draw();
  await refreshCase();
}

// -- the case --------------------------------------------------------------------------------------------------------

async function refreshCase({ always = false } = {}) {
  const part = await askPart(`/desk/cases/${caseId}/now`);
  const fresh = part?.querySelector("#case-now");
  if (!fresh) return;
  const before = now().dataset;
  const after = fresh.dataset;
  if (Number(after.scans) > Number(before.scans)) offerReload(word("scan_joined"));
  if (Number(after.answeredQuestions) > Number(before.answeredQuestions)) notify("good", word("officer_answered"));
  const lost = lease.isHeld && !("mine" in after);
  const focused = now().contains(document.activeElement) ? document.activeElement : null;
  if (always || !focused) now().replaceWith(fresh);
  if (always && focused) now().querySelector(`[data-do="${CSS.escape(focused.dataset.do ?? "")}"]`)?.focus();
  showTimes(document);
  if (lost && !finding.isDone) lease.lost(word("lease_other"));
  else lease.show();
}

function offerReload(text) {
  const link = element("a", { href: location.href }, word("look_again"));
  document.getElementById("notices").replaceChildren(element("p", { class: "notice plain" }, `${text} `, link));
}

async function handBack() {
  if (!lease.isHeld || !window.confirm(word("hand_back_sure"))) return;
  const answer = await ask(`/api/v1/cases/${caseId}/hand-back`, { method: "POST", body: { lease_token: lease.token } });
  if (!answer.ok) {
    notify("warning", answer.body.detail);
    return;
  }
  lease.end();
  location.assign("/desk?note=handed-back");
}

async function release() {
  const answer = await ask(`/api/v1/cases/${caseId}/release`, { method: "POST", body: {} });
  notify(answer.ok ? "good" : "warning", answer.ok ? word("done_released") : answer.body.detail);
  await refreshCase();
}

const asking = document.getElementById("ask-dialog");

function askOfficer() {
  if (lease.isHeld && now().dataset.state === "claimed") asking.showModal();
}

asking?.querySelector("[data-close]").addEventListener("click", () => asking.close());
asking?.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = document.getElementById("ask-question");
  const answer = await ask(`/api/v1/cases/${caseId}/ask-officer`, { method: "POST", body: { lease_token: lease.token ?? "", question: field.value } });
  const refused = asking.querySelector(".refused");
  refused.hidden = answer.ok;
  refused.textContent = answer.ok ? "" : answer.body.detail;
  if (!answer.ok) return;
  field.value = "";
  asking.close();
  notify("good", word("asked"));
  await refreshCase();
});

const referring = document.getElementById("refer-dialog");

referring?.querySelector("[data-close]").addEventListener("click", () => referring.close());
referring?.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const laboratory = document.getElementById("refer-laboratory").value.trim();
  const answer = await ask(`/api/v1/cases/${caseId}/laboratory-referral`, { method: "POST", body: { laboratory } });
  const refused = referring.querySelector(".refused");
  refused.hidden = answer.ok;
  refused.textContent = answer.ok ? "" : answer.body.detail;
  if (!answer.ok) return;
  referring.close();
  document.getElementById("refer-laboratory").value = "";
  notify("good", word("referred", { laboratory }));
  await refreshCase({ always: true });
});

// -- hands -----------------------------------------------------------------------------------------------------------

const DOES = {
  ask: askOfficer,
  "hand-back": handBack,
  refer: () => referring?.showModal(),
  amend: () => {
    finding.amend();
    document.getElementById("finding-section").scrollIntoView({ block: "nearest" });
  },
  release,
  keys: () => document.getElementById("keys").showModal(),
  beside: toggleBeside,
  "machine-set": () => set.machineSet(),
  "clear-set": () => set.clear(),
  "add-part": () => finding.addPart().querySelector("input").focus(),
  "take-set": takeSet,
};

// Ready words go where the text is typed, and can be changed there.
function putWords(button) {
  const field = document.getElementById(button.dataset.into);
  const bands = button.dataset.readyWords.includes("{bands}") ? set?.bandsLeft() : "";
  if (bands === "" && button.dataset.readyWords.includes("{bands}")) return;
  const words = button.dataset.readyWords.replace("{bands}", bands ?? "");
  field.value = field.value ? `${field.value.trim()} ${words}` : words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

function takeSet() {
  if (finding.form && !finding.isDone) finding.takeSet(set.components());
}

function step(by) {
  if (tabs.length > 1) open(tabs[(tabs.indexOf(current) + by + tabs.length) % tabs.length]);
}

function focusOn(id) {
  const place = document.getElementById(id);
  place?.focus();
  place?.scrollIntoView({ block: "center" });
}

document.addEventListener("click", ({ target }) => {
  if (target.closest(".photos a")) used.opened("photo");
  const button = target.closest("button");
  if (!button) return;
  const { do: what, mode, layer, zoom, scan, into } = button.dataset;
  if (into) putWords(button);
  else if (what) DOES[what]?.();
  else if (mode) setMode(mode);
  else if (layer) toggleLayer(layer);
  else if (zoom) view.zoom(zoom);
  else if (scan) open(button);
});

listenToKeys({
  send: () => finding.send(),
  reference: (index, what) => set?.toggle(index, what),
  keys: {
    i: () => focusOn("impression-text"),
    b: () => setMode("corrected"),
    m: () => setMode("measured"),
    d: () => setMode("derivative"),
    w: () => setMode("alone"),
    x: () => set?.addSuggested(),
    f: () => toggleLayer("fit"),
    p: () => toggleLayer("parts"),
    e: () => toggleLayer("residual"),
    l: () => toggleLayer("labels"),
    k: () => toggleLayer("bands"),
    "+": () => view.zoom("in"),
    "=": () => view.zoom("in"),
    "-": () => view.zoom("out"),
    0: () => view.zoom("all"),
    ArrowLeft: () => view.zoom("left"),
    ArrowRight: () => view.zoom("right"),
    "[": () => step(-1),
    "]": () => step(1),
    v: toggleBeside,
    t: () => focusOn("reference-name"),
    a: takeSet,
    s: () => {
      finding.focus();
      document.getElementById("finding-section").scrollIntoView({ block: "nearest" });
    },
    u: () => finding.takeBack(),
    o: askOfficer,
    h: handBack,
    n: () => (document.getElementById("done")?.hidden === false ? document.getElementById("next-case").click() : false),
    g: () => location.assign("/desk"),
  },
});

document.addEventListener("changed", (event) => event.target.id === "case-now" && refreshCase(), true);
wireViews();
if ("chemist" in bench.dataset && "mine" in now().dataset) lease.start();
open(tabs[0]);
