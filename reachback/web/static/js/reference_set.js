// The references on the scan: which are laid over it, which are in the fit, and what the fit says of each.
import { ask, element } from "./bench_api.js";
import { notify } from "./notices.js";
import { styleOf } from "./spectrum_view.js";
import { unpack, unpackAxis } from "./spectrum_math.js";
import { word } from "./words.js";

const MOST_NEAR = 8; // candidates that are listed
const WAIT = 60; // [ms] several toggles in a row are one fit

export class ReferenceSet {
  constructor(caseId, view, { onFit = () => {} } = {}) {
    this.caseId = caseId;
    this.view = view;
    this.onFit = onFit;
    this.rows = [];
    this.machine = null;
    this.asked = 0;
    this.body = document.querySelector("#set tbody");
    this.says = document.getElementById("set-says");
    this.suggestions = document.getElementById("suggestions");
  }

  // What the machine named and what lies near; `data` is evidence.json.
  start(data, kept) {
    this.where = { scan_id: data.scan_id, spectrum: data.spectrum };
    this.unfolded = data.unfolded;
    this.machine = data.machine;
    this.rows = kept ?? this.#machineRows();
    const set = this.#inFit();
    if (data.machine?.fit && !kept) this.#takeFit(data.machine.fit);
    else if (set.length) this.refit();
    else if (data.machine) this.view.mark(data.machine.unexplained_bands);
    document.querySelector('[data-do="machine-set"]').hidden = !data.machine?.fit;
    this.show();
  }

  machineSet() {
    for (const row of this.rows) row.inFit = row.isMachine;
    this.refit();
  }

  clear() {
    for (const row of this.rows) row.inFit = row.over = false;
    this.refit();
  }

  toggle(number, what) {
    const row = this.rows[number];
    if (!row || (what === "inFit" && !this.unfolded)) return;
    row[what] = !row[what];
    row.wasOver ||= row.over;
    if (what === "over") this.#overlay();
    else this.refit();
    this.show();
  }

  // Lay a reference over the scan; one that is here already is shown.
  async add(reference, inFit = false) {
    let row = this.rows.find((each) => each.reference === reference.reference);
    if (!row) {
      row = { ...reference, over: true, inFit: false, alike: [] };
      const place = this.rows.findIndex((each) => !each.inFit && !each.over);
      this.rows.splice(place < 0 ? this.rows.length : place, 0, row);
    }
    row.over = row.wasOver = true;
    if (inFit && this.unfolded) {
      row.inFit = true;
      this.refit();
    }
    await this.#overlay();
    this.show();
  }

  // The reference that what is left over speaks for most, into the fit.
  addSuggested() {
    const best = this.#inFit().length ? this.fit?.suggestions[0] : null;
    if (best) this.add(best, true);
  }

  // Bands that the fit does not explain, as a sentence would name them.
  bandsLeft() {
    return (this.fit?.unexplained.bands ?? this.machine?.unexplained_bands ?? []).map(Math.round).slice(0, 10).join(", ");
  }

  // What stands in the fit, for the finding.
  components() {
    return this.rows.filter((row) => row.inFit && row.part).map(({ part }) => ({ substance: part.substance, form: part.form }));
  }

  refit() {
    window.clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => this.#fit(), WAIT);
    this.show();
  }

  // -- parts ---------------------------------------------------------------------------------------------------------

  #machineRows() {
    if (!this.machine) return [];
    const found = this.machine.fit?.parts ?? [];
    const named = found.map((part) => {
      const said = this.machine.components.find((each) => each.reference === part.reference);
      const { reference, name, controlled, grade } = part;
      return { reference, name, class: part.class, controlled, grade, part, isMachine: true, inFit: true, over: false, alike: said?.indistinguishable_from ?? [] };
    });
    const near = this.machine.candidates
      .slice(0, MOST_NEAR)
      .filter((each) => each.reference && !found.some((part) => part.reference === each.reference))
      .map((each) => ({ ...each, name: each.form ? `${each.substance} (${each.form})` : each.substance, inFit: false, over: false, alike: [] }));
    return [...named, ...near];
  }

  #inFit() {
    return this.rows.filter((row) => row.inFit).map((row) => row.reference);
  }

  async #fit() {
    const references = this.#inFit();
    this.asked += 1;
    const mine = this.asked;
    if (!references.length) {
      for (const row of this.rows) row.part = null;
      this.fit = null;
      this.view.setFit(null);
      this.view.mark(this.machine?.unexplained_bands ?? []);
      this.#overlay();
      this.show();
      this.onFit();
      return;
    }
    const answer = await ask(`/desk/cases/${this.caseId}/fit.json`, { method: "POST", body: { ...this.where, references } });
    if (mine !== this.asked) return;
    if (!answer.ok) {
      notify("warning", answer.body.detail);
      return;
    }
    this.#takeFit(answer.body);
  }

  #takeFit(fit) {
    this.fit = fit;
    for (const row of this.rows) {
      row.part = fit.parts.find((part) => part.reference === row.reference) ?? null;
      if (row.part) Object.assign(row, { name: row.part.name, class: row.part.class, controlled: row.part.controlled, grade: row.part.grade });
    }
    this.view.setFit(fit);
    this.#overlay();
    this.show();
    this.onFit();
  }

  async #overlay() {
    const wanted = this.rows.filter((row) => row.over && !row.curve).map((row) => row.reference);
    if (wanted.length) {
      const query = new URLSearchParams([["scan", this.where.scan_id], ["spectrum", this.where.spectrum], ...wanted.map((each) => ["reference", each])]);
      const answer = await ask(`/desk/cases/${this.caseId}/references.json?${query}`);
      if (!answer.ok) notify("warning", answer.body.detail);
      for (const item of answer.ok ? answer.body.items : []) {
        const row = this.rows.find((each) => each.reference === item.reference);
        const { axis, curve, ...rest } = item;
        if (row) Object.assign(row, rest, { axis: unpackAxis(axis), curve: unpack(curve) });
      }
    }
    this.view.setOverlays(
      this.rows
        .map((row, index) => ({ ...row, index }))
        .filter((row) => row.part || row.curve),
    );
    this.show();
  }

  show() {
    const focused = document.activeElement?.closest?.("#set") ? document.activeElement.id : null;
    this.body.replaceChildren(...this.rows.map((row, index) => this.#row(row, index)));
    if (focused) document.getElementById(focused)?.focus();
    this.#sayFit();
  }

  #row(row, index) {
    const box = (what, label, disabled) =>
      element("input", {
        type: "checkbox", id: `${what}-${index}`, "aria-label": word(label, { name: row.name }), disabled,
        onchange: () => this.toggle(index, what),
      });
    const over = box("over", "over", false);
    over.checked = row.over;
    const inFit = box("inFit", "in_fit", !this.unfolded);
    inFit.checked = row.inFit;
    const share = row.part ? [percent(row.part.share), element("br"), small(span(row.part.share_interval))] : [];
    return element(
      "tr",
      { class: row.inFit ? "in-fit" : "" },
      element("td", {}, index < 9 ? element("kbd", {}, String(index + 1)) : "", " ", swatch(index)),
      element("th", { scope: "row" }, row.name, row.controlled ? element("span", { class: "mark warning" }, `§ ${word("controlled")}`) : null, element("br"), small(this.#about(row))),
      element("td", {}, over),
      element("td", {}, inFit),
      element("td", { class: "number" }, ...share),
      element("td", { class: "number" }, row.part ? row.part.evidence.toFixed(1) : ""),
      element("td", {}, small(bandWords(row))),
    );
  }

  #about(row) {
    const parts = [row.class, row.grade];
    if (row.score !== undefined) parts.push(word("score", { score: row.score.toFixed(2) }));
    const rival = row.part?.in_its_place[0];
    if (rival) parts.push(word("in_its_place", { name: rival.name, evidence: rival.evidence.toFixed(1) }));
    if (row.alike?.length) parts.push(word("alike", { names: row.alike.join(", ") }));
    return parts.filter(Boolean).join(" · ");
  }

  #sayFit() {
    const parts = [];
    if (this.machine && !this.machine.same_library) parts.push(word("other_library"));
    if (!this.unfolded) parts.length = 0;
    else if (!this.#inFit().length) parts.push(word("set_empty"));
    else if (this.fit) {
      parts.push(word("set_left", { share: percent(this.fit.unexplained.share), misfit: Math.sqrt(Math.max(this.fit.misfit, 0)).toFixed(1) }));
      const bands = this.fit.unexplained.bands.map(Math.round);
      if (bands.length) parts.push(word("set_left_bands", { bands: bands.slice(0, 10).join(", ") }));
    }
    const text = parts.join(" ");
    if (this.says.textContent !== text) this.says.textContent = text;
    const next = this.#inFit().length ? (this.fit?.suggestions ?? []) : [];
    // Beside an unknown part anything fits a little, and evidence in units of an error that is not met says nothing.
    const isFarOff = Math.sqrt(Math.max(this.fit?.misfit ?? 0, 0)) > FAR_OFF;
    this.suggestions.replaceChildren(
      ...(next.length ? [word(isFarOff ? "suggested_far_off" : "suggested"), " "] : []),
      ...next.map((each) =>
        element("button", { type: "button", class: "second small-button", onclick: () => this.add(each, true) }, `${each.controlled ? "§ " : ""}${each.name} (${each.evidence.toFixed(1)})`),
      ),
    );
  }
}

const FAR_OFF = 3; // errors: a set that is complete leaves about one

export function percent(share) {
  if (share === null || share === undefined) return "?";
  const value = 100 * share;
  return `${value > 0 && value < 0.95 ? value.toFixed(1) : value.toFixed(0)} %`;
}

function span(interval) {
  return interval && interval[0] !== null ? `${(100 * interval[0]).toFixed(0)}–${(100 * interval[1]).toFixed(0)}` : "";
}

function small(text) {
  return element("span", { class: "small" }, text);
}

function swatch(index) {
  const { colour, dash } = styleOf(index);
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of [["width", "28"], ["height", "8"], ["aria-hidden", "true"]]) drawing.setAttribute(name, value);
  const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
  for (const [name, value] of [["x1", "0"], ["x2", "28"], ["y1", "4"], ["y2", "4"], ["stroke", colour], ["stroke-width", "3"], ["stroke-dasharray", dash.join(" ")]]) line.setAttribute(name, value);
  drawing.append(line);
  return drawing;
}

function bandWords(row) {
  if (row.part) {
    const all = row.part.matched.length + row.part.missing.length;
    const missing = row.part.missing.map(Math.round).join(", ");
    return word("bands_shown", { n: row.part.matched.length, all }) + (missing ? `; ${word("bands_missing", { bands: missing })}` : "");
  }
  return row.bands?.length ? word("bands_all", { bands: row.bands.slice(0, 8).map(Math.round).join(", ") }) : "";
}
