// What a chemist looked at, in words that go along with his finding: fits, references laid over the scan, views opened.
// They are kept with the finding and printed in the report, so they are in English whatever the page is in.
const MOST = 50; // lines that a finding takes
const LONGEST = 200; // [characters] of one
const VIEWS = {
  measured: "the curve as measured",
  derivative: "the first derivative",
  alone: "what is left without the other parts of the fit",
  parts: "the parts of the fit",
  beside: "Raman and FTIR side by side",
  earlier: "similar earlier cases",
  "as-written": "the file as written",
  photo: "the photos",
};

export class EvidenceUsed {
  #views = new Set();

  // A view that somebody has opened; one that is on by itself says nothing.
  opened(view) {
    if (VIEWS[view]) this.#views.add(view);
  }

  // `looks` are the spectra that were looked at: [{label, rows}], rows as `ReferenceSet` keeps them.
  lines(looks) {
    const fits = looks.map(({ label, rows }) => line(`fit of ${label}: `, rows.filter((row) => row.inFit && row.part).map(withShare)));
    const overlays = looks.map(({ label, rows }) => line(`laid over ${label}: `, rows.filter((row) => row.wasOver).map((row) => row.name)));
    const views = [...this.#views].map((view) => `looked at ${VIEWS[view]}`);
    return [...fits, ...overlays, ...views].filter(Boolean).slice(0, MOST);
  }
}

function withShare({ name, part }) {
  return part.share === null || part.share === undefined ? name : `${name} ${Math.round(100 * part.share)} % of the signal`;
}

function line(before, names) {
  if (!names.length) return null;
  const text = before + names.join(" + ");
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
