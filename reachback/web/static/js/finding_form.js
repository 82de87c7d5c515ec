// The finding: substances by name, a draft that outlives everything, and ten seconds to take the answer back.
import { ask, element } from "./bench_api.js";
import { notify } from "./notices.js";
import { word } from "./words.js";

const SECONDS = 10;
const SAVE_AFTER = 2500; // [ms] of quiet
const NAMES = ["identified", "mixture", "class"];
const READINGS = { first: "finding", second: "second-read", third: "third-read" };

export class FindingForm {
  constructor(caseId, lease, { reading, evidence = () => [], onDone = () => {} }) {
    this.form = document.getElementById("finding");
    if (!this.form) return;
    Object.assign(this, { caseId, lease, reading, evidence, onDone });
    this.amends = Number(this.form.dataset.amends ?? 0); // the version that this replaces; 0 for a reading
    this.parts = document.getElementById("parts");
    this.key = this.amends ? `amendment/${caseId}/${this.amends}` : `finding/${caseId}`;
    this.hasChosen = false; // the kind of answer, by hand
    this.known = new Map();
    this.form.addEventListener("input", (event) => this.#typed(event));
    this.form.querySelector("details.used").addEventListener("toggle", () => this.#showUsed());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    document.getElementById("take-back").addEventListener("click", () => this.takeBack());
    document.getElementById("send-now").addEventListener("click", () => this.#now());
    window.addEventListener("beforeunload", (event) => {
      if (this.ticking) event.preventDefault();
    });
    window.addEventListener("pagehide", () => this.#keep());
    this.addPart();
    this.#restore();
  }

  // A substance more, in the first empty row if there is one.
  addPart({ substance = "", form = "" } = {}) {
    const empty = [...this.parts.children].find((row) => !this.#of(row).substance);
    if (empty && substance) empty.remove();
    const inputs = [["substance", substance, "substance-names"], ["form", form ?? "", null]].map(([name, value, list]) => {
      const label = word(name);
      const input = element("input", { "aria-label": label, placeholder: label, "data-part": name, list, autocomplete: "off", maxlength: 200 });
      input.value = value;
      return input;
    });
    const row = element("li", {}, ...inputs, element("button", { type: "button", class: "quiet", onclick: () => this.#removePart(row) }, word("remove_part")));
    this.parts.append(row);
    this.#guess();
    return row;
  }

  takeSet(components) {
    const here = new Set(this.components().map((part) => fold(part.substance)));
    const fresh = components.filter((part) => !here.has(fold(part.substance)));
    for (const part of fresh) this.addPart(part);
    this.#guess();
    this.#changed();
  }

  components() {
    return [...this.parts.children].map((row) => this.#of(row)).filter((part) => part.substance);
  }

  body() {
    const outcome = this.form.querySelector('input[name="outcome"]:checked')?.value ?? "";
    return {
      outcome,
      components: this.components().map((part) => ({ substance: part.substance, form: part.form || null })),
      comment: this.form.elements.comment.value,
      confidence: this.form.elements.confidence.value || null,
      evidence_used: this.evidence(),
      ...(this.amends ? { reason: this.form.elements.reason.value.trim() || null } : {}),
    };
  }

  // A new version of an answer: begins with what holds now, or with what was written of it before.
  amend() {
    if (!this.amends || this.isDone) return;
    this.form.hidden = false;
    document.getElementById("before-amending").hidden = true;
    this.form.elements.reason.focus();
  }

  // Begin the ten seconds; nothing has left the page before they are over.
  send() {
    if (!this.form || this.ticking || this.isDone) return;
    const body = this.body();
    const wrong = this.amends && !body.reason ? word("amend_why") : refusal(body);
    this.#refuse(wrong);
    if (wrong) return;
    this.#keep();
    this.form.inert = true;
    document.getElementById("sending").hidden = false;
    const words = this.form.querySelector('input[name="outcome"]:checked + label').firstChild.textContent.trim();
    const names = body.components.map((part) => (part.form ? `${part.substance} (${part.form})` : part.substance)).join(" + ");
    const answer = names ? `${words}: ${names}` : words;
    let left = SECONDS;
    const say = () => (document.getElementById("sending-says").textContent = word(this.amends ? "amend_in" : "sent_in", { answer, n: left, version: this.amends }));
    say();
    document.getElementById("take-back").focus();
    this.ticking = window.setInterval(() => {
      left -= 1;
      if (left > 0) say();
      else this.#now();
    }, 1000);
  }

  takeBack() {
    if (!this.ticking) return;
    this.#stop();
    document.getElementById("sending").hidden = true;
    this.form.inert = false;
    document.getElementById("draft-says").textContent = word("taken_back");
    document.getElementById("send").focus();
  }

  focus() {
    (this.form?.querySelector('input[name="outcome"]:checked') ?? this.form?.querySelector('input[name="outcome"]'))?.focus();
  }

  // -- parts ---------------------------------------------------------------------------------------------------------

  #of(row) {
    const [substance, form] = row.querySelectorAll("input");
    return { substance: substance.value.trim(), form: form.value.trim() };
  }

  #removePart(row) {
    row.remove();
    if (!this.parts.children.length) this.addPart();
    this.#guess();
    this.#changed();
    this.parts.querySelector("input").focus();
  }

  #typed(event) {
    if (event.target.name === "outcome") this.hasChosen = true;
    if (event.target.dataset.part === "substance") this.#suggest(event.target);
    this.#guess();
    this.#changed();
  }

  // One substance is "identified", several are a "mixture" – until somebody says otherwise.
  #guess() {
    if (this.hasChosen) return;
    const n = this.components().length;
    const wanted = n === 0 ? null : n === 1 ? "identified" : "mixture";
    for (const radio of this.form.querySelectorAll('input[name="outcome"]')) radio.checked = radio.value === wanted;
  }

  async #suggest(input) {
    const typed = input.value.trim();
    const chosen = this.known.get(input.value);
    if (chosen) {
      input.value = chosen.substance;
      const form = input.nextElementSibling;
      if (!form.value && chosen.form) form.value = chosen.form;
      return;
    }
    if (typed.length < 2) return;
    const answer = await ask(`/desk/substances.json?${new URLSearchParams({ q: typed })}`);
    if (!answer.ok || input.value.trim() !== typed) return;
    for (const each of answer.body.items) this.known.set(each.name, each);
    const names = [...new Set(answer.body.items.map((each) => each.name))];
    document.getElementById("substance-names").replaceChildren(...names.map((name) => element("option", { value: name })));
  }

  #refuse(sentence) {
    const place = document.getElementById("finding-refused");
    place.textContent = sentence ?? "";
    place.hidden = !sentence;
  }

  #changed() {
    this.#refuse(null);
    this.#keep();
    window.clearTimeout(this.saving);
    this.saving = window.setTimeout(() => this.#save(), SAVE_AFTER);
  }

  #keep() {
    if (!this.isDone) sessionStorage.setItem(this.key, JSON.stringify({ ...this.body(), hasChosen: this.hasChosen, at: new Date().toISOString() }));
  }

  async #save() {
    if (this.isDone || this.ticking) return;
    const body = { ...this.body(), hasChosen: this.hasChosen, amends: this.amends };
    const answer = await ask(`/api/v1/cases/${this.caseId}/draft`, { method: "PUT", body: { body } });
    const time = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short", hourCycle: "h23" }).format(new Date());
    document.getElementById("draft-says").textContent = answer.ok ? word("draft_saved", { time }) : word("draft_local");
  }

  // What was written before: in this tab, or – after another machine, or a hold that had ended – at the service.
  async #restore() {
    const here = JSON.parse(sessionStorage.getItem(this.key) ?? "null");
    const answer = await ask(`/api/v1/cases/${this.caseId}/drafts`);
    // A text for another version of the answer is none for this one.
    const there = (answer.ok ? answer.body.items : []).find((each) => "outcome" in each.body && (each.body.amends ?? 0) === this.amends);
    const isNewer = there && (!here || there.at > here.at);
    const answered = JSON.parse(this.form.dataset.answer ?? "null");
    const draft = (isNewer ? there.body : here) ?? answered;
    if (!draft || this.ticking || this.components().length || this.form.elements.comment.value) return;
    if (!draft.outcome && !draft.components.length && !draft.comment) return;
    this.hasChosen = draft.hasChosen ?? true;
    for (const part of draft.components) this.addPart(part);
    this.form.elements.comment.value = draft.comment ?? "";
    this.form.elements.confidence.value = draft.confidence ?? "";
    if (this.amends) this.form.elements.reason.value = draft.reason ?? "";
    const radio = this.form.querySelector(`input[name="outcome"][value="${CSS.escape(draft.outcome)}"]`);
    if (radio) radio.checked = true;
    if (draft === answered) return;
    if (this.amends) this.amend();
    document.getElementById("draft-says").textContent = word("draft_back");
  }

  #showUsed() {
    const lines = this.evidence();
    document.getElementById("evidence-used").replaceChildren(...(lines.length ? lines : [word("used_nothing")]).map((each) => element("li", { lang: "en" }, each)));
  }

  #stop() {
    window.clearInterval(this.ticking);
    this.ticking = 0;
  }

  async #now() {
    if (!this.ticking) return;
    this.#stop();
    document.getElementById("sending-says").textContent = word("sending_now");
    const body = { ...(this.amends ? {} : { lease_token: this.lease.token ?? "" }), ...this.body() };
    const where = this.amends ? "amend" : READINGS[this.reading()];
    const answer = await ask(`/api/v1/cases/${this.caseId}/${where}`, { method: "POST", body });
    document.getElementById("sending").hidden = true;
    if (!answer.ok) {
      this.form.inert = false;
      this.#refuse(word("not_taken", { why: sentence(answer.body.detail) }));
      if (answer.status === 409 && !this.amends) this.lease.lost();
      document.getElementById("send").focus();
      return;
    }
    this.isDone = true;
    this.lease.end();
    sessionStorage.removeItem(this.key);
    if (this.amends) this.#finish(word("done_amended"), "good", body.outcome);
    else await this.#release(answer.body, body.outcome);
  }

  async #release({ case: found, next_reader_because: because }, outcome) {
    let says = word("done_second", { because });
    let kind = "good";
    if (found.state === "third_read") says = word("done_third");
    if (found.state === "found") {
      const sent = await ask(`/api/v1/cases/${this.caseId}/release`, { method: "POST", body: {} });
      says = sent.ok ? word("done_released") : word("done_unsent", { why: sent.body.detail });
      kind = sent.ok ? "good" : "warning";
    }
    this.#finish(says, kind, outcome);
  }

  #finish(says, kind, outcome) {
    this.form.hidden = true;
    document.getElementById("refer-next").hidden = outcome !== "needs_laboratory";
    const done = document.getElementById("done");
    done.className = `notice ${kind}`;
    done.hidden = false;
    document.getElementById("done-says").textContent = says;
    document.getElementById("next-case").focus();
    notify(kind, says);
    this.onDone();
  }
}

function refusal(body) {
  if (!body.outcome) return word("choose_outcome");
  if (NAMES.includes(body.outcome) && !body.components.length) return word("name_something");
  if (body.outcome === "identified" && body.components.length > 1) return word("one_or_mixture");
  return null;
}

function sentence(text) {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function fold(text) {
  return text.toLowerCase().split(/\s+/).join(" ");
}
