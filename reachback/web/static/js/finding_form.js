// The finding: substances by name, a draft that outlives everything, and ten seconds to take the answer back.
import { ask, element } from "./bench_api.js";
import { notify } from "./notices.js";
import { word } from "./words.js";

const SECONDS = 10;
const SAVE_AFTER = 2500; // [ms] of quiet
const NAMES = ["identified", "mixture", "class"];
const READINGS = { first: "finding", second: "second-read", third: "third-read" };

export class FindingForm {
  constructor(caseId, lease, { reading, technique, onDone = () => {} }) {
    this.form = document.getElementById("finding");
    if (!this.form) return;
    Object.assign(this, { caseId, lease, reading, technique, onDone });
    this.parts = document.getElementById("parts");
    this.key = `finding/${caseId}`;
    this.hasChosen = false; // the kind of answer, by hand
    this.known = new Map();
    this.form.addEventListener("input", (event) => this.#typed(event));
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
    };
  }

  // Begin the ten seconds; nothing has left the page before they are over.
  send() {
    if (!this.form || this.ticking || this.isDone) return;
    const body = this.body();
    const wrong = refusal(body);
    this.#refuse(wrong);
    if (wrong) return;
    this.#keep();
    this.form.inert = true;
    document.getElementById("sending").hidden = false;
    const words = this.form.querySelector('input[name="outcome"]:checked + label').firstChild.textContent.trim();
    const names = body.components.map((part) => (part.form ? `${part.substance} (${part.form})` : part.substance)).join(" + ");
    const answer = names ? `${words}: ${names}` : words;
    let left = SECONDS;
    const say = () => (document.getElementById("sending-says").textContent = word("sent_in", { answer, n: left }));
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
    const body = { ...this.body(), hasChosen: this.hasChosen };
    const answer = await ask(`/api/v1/cases/${this.caseId}/draft`, { method: "PUT", body: { body } });
    const time = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short", hourCycle: "h23" }).format(new Date());
    document.getElementById("draft-says").textContent = answer.ok ? word("draft_saved", { time }) : word("draft_local");
  }

  // What was written before: in this tab, or – after another machine, or a hold that had ended – at the service.
  async #restore() {
    const here = JSON.parse(sessionStorage.getItem(this.key) ?? "null");
    const answer = await ask(`/api/v1/cases/${this.caseId}/drafts`);
    const there = (answer.ok ? answer.body.items : []).find((each) => "outcome" in each.body);
    const isNewer = there && (!here || there.at > here.at);
    const draft = isNewer ? there.body : here;
    if (!draft || this.ticking || this.components().length || this.form.elements.comment.value) return;
    if (!draft.outcome && !draft.components.length && !draft.comment) return;
    this.hasChosen = draft.hasChosen ?? true;
    for (const part of draft.components) this.addPart(part);
    this.form.elements.comment.value = draft.comment ?? "";
    this.form.elements.confidence.value = draft.confidence ?? "";
    const radio = this.form.querySelector(`input[name="outcome"][value="${CSS.escape(draft.outcome)}"]`);
    if (radio) radio.checked = true;
    document.getElementById("draft-says").textContent = word("draft_back");
  }

  #stop() {
    window.clearInterval(this.ticking);
    this.ticking = 0;
  }

  async #now() {
    if (!this.ticking) return;
    this.#stop();
    document.getElementById("sending-says").textContent = word("sending_now");
    const body = { lease_token: this.lease.token ?? "", ...this.body() };
    const answer = await ask(`/api/v1/cases/${this.caseId}/${READINGS[this.reading()]}`, { method: "POST", body });
    document.getElementById("sending").hidden = true;
    if (!answer.ok) {
      this.form.inert = false;
      this.#refuse(word("not_taken", { why: sentence(answer.body.detail) }));
      if (answer.status === 409) this.lease.lost();
      document.getElementById("send").focus();
      return;
    }
    this.isDone = true;
    this.lease.end();
    sessionStorage.removeItem(this.key);
    await this.#release(answer.body);
  }

  async #release({ case: found, next_reader_because: because }) {
    let says = word("done_second", { because });
    let kind = "good";
    if (found.state === "third_read") says = word("done_third");
    if (found.state === "found") {
      const sent = await ask(`/api/v1/cases/${this.caseId}/release`, { method: "POST", body: {} });
      says = sent.ok ? word("done_released") : word("done_unsent", { why: sent.body.detail });
      kind = sent.ok ? "good" : "warning";
    }
    this.form.hidden = true;
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
