// A scan as a curve one can work with: zoom, pan, references and fit over it, what is left below it.
// Raman runs from left to right, infrared from right to left, as the field draws them.
import { word } from "./words.js";
import { amount, at, peaks, slope, unpack, unpackAxis } from "./spectrum_math.js";

// Okabe and Ito's palette, each with a dash of its own: colour never stands alone.
const LIGHT = ["#0072B2", "#B34700", "#00795a", "#a8447f", "#8a6500", "#2a7fb0", "#5a5a00", "#7a2a2a", "#3a3a9a"];
const DARK = ["#56B4E9", "#F0915A", "#3fd0a4", "#e79ac6", "#f0c04a", "#9ad4f5", "#d8d84a", "#f09a9a", "#a8a8ff"];
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 2], [1, 2], [12, 4], [6, 2, 2, 2], [3, 6]];
const REST_SHARE = 0.24; // of the height
const SMALLEST_SPAN = 20; // [cm^-1]
const isDark = window.matchMedia("(prefers-color-scheme: dark)");
let number = 0;

export function styleOf(index) {
  return { colour: (isDark.matches ? DARK : LIGHT)[index % LIGHT.length], dash: DASHES[index % DASHES.length] };
}

export class SpectrumView {
  constructor(place, { onRead = () => {}, onRange = () => {} } = {}) {
    this.place = place;
    this.onRead = onRead;
    this.onRange = onRange;
    this.mode = "corrected";
    this.layers = { fit: true, parts: false, residual: true, labels: true, bands: true };
    this.overlays = [];
    this.fit = null;
    this.marked = [];
    this.range = null;
    number += 1;
    this.sync = `spectrum-${number}`;
    new ResizeObserver(() => this.#resize()).observe(place);
    isDark.addEventListener("change", () => this.draw());
  }

  // `data` as the service gives it (evidence.json); everything that was drawn before is gone.
  setScan(data) {
    const axis = unpackAxis(data.axis);
    const values = unpack(data.values);
    this.scan = { axis, values, reversed: data.reversed, technique: data.technique, ordinate: data.ordinate };
    this.judged = null;
    if (data.judged) {
      const grid = unpackAxis(data.judged.axis);
      const baseline = unpack(data.judged.baseline);
      const inside = [...axis].filter((x) => x >= grid[0] && x <= grid[grid.length - 1]);
      const points = inside.length > grid.length ? inside : [...grid];
      const under = at(points, grid, baseline);
      const corrected = at(points, axis, values).map((y, i) => (y === null ? null : y - under[i]));
      this.judged = { grid, baseline, points, corrected, window: data.judged.slope_window, noise: data.judged.noise };
    }
    this.fit = null;
    this.overlays = [];
    this.marked = [];
    this.range = null;
    if (!this.judged && this.mode !== "measured") this.mode = "measured";
    this.draw();
  }

  setMode(mode) {
    if (mode !== "measured" && !this.judged) return;
    if (mode === "alone" && !this.fit) return;
    this.mode = mode;
    this.range = null;
    this.draw();
  }

  toggle(layer) {
    this.layers[layer] = !this.layers[layer];
    this.draw();
    return this.layers[layer];
  }

  // `fit` as the service gives it, or null.
  setFit(fit) {
    this.fit = fit && {
      axis: unpackAxis(fit.axis),
      fit: unpack(fit.fit),
      residual: unpack(fit.residual),
      parts: fit.parts.map((part) => ({ ...part, curve: unpack(part.curve) })),
    };
    this.marked = fit ? fit.unexplained.bands : this.marked;
    if (!fit && this.mode === "alone") this.mode = "corrected";
    this.draw();
  }

  // Bands that nothing explains, where there is no fit.
  mark(bands) {
    this.marked = bands;
    this.draw();
  }

  // [{reference, name, index, axis, curve, bands}] – unpacked; those in the fit are drawn as they are in it.
  setOverlays(overlays) {
    this.overlays = overlays;
    this.draw();
  }

  peaksInView(most = 12) {
    const { points, values } = this.#scanCurve();
    const [low, high] = this.range ?? this.#all();
    const heights = values.filter((y, i) => y !== null && points[i] >= low && points[i] <= high);
    if (!heights.length) return [];
    const top = Math.max(...heights) - Math.min(...heights);
    const least = Math.max(0.04 * top, this.mode === "measured" ? 0.04 * top : 4 * (this.judged?.noise ?? 0));
    return peaks(points, values, low, high, most, least);
  }

  zoom(how) {
    const [first, last] = this.#all();
    const [low, high] = this.range ?? [first, last];
    const span = high - low;
    // "left" is left on the screen, whichever way the axis runs.
    const side = (this.scan.reversed ? -1 : 1) * 0.25 * span;
    const middle = (low + high) / 2;
    const wanted = {
      all: [first, last],
      in: [middle - span / 3, middle + span / 3],
      out: [middle - 0.75 * span, middle + 0.75 * span],
      left: [low - side, high - side],
      right: [low + side, high + side],
    }[how];
    this.#show(...wanted, how === "left" || how === "right");
  }

  draw() {
    if (!this.scan || !window.uPlot) return;
    this.main?.destroy();
    this.rest?.destroy();
    const { points, series, lines } = this.#curves();
    const hasRest = this.layers.residual && this.fit && this.mode === "corrected";
    const height = this.place.clientHeight || 420;
    const below = hasRest ? Math.round(REST_SHARE * height) : 0;
    this.range ??= this.#all();
    this.main = new window.uPlot(this.#options(height - below, lines, !hasRest), [points, ...series], this.place);
    this.rest = null;
    if (hasRest) {
      const left = at(points, this.fit.axis, this.fit.residual);
      const zero = points.map(() => 0);
      this.rest = new window.uPlot(this.#restOptions(below), [points, zero, left], this.place);
    }
    this.#follow();
    this.onRange();
  }

  // -- parts ---------------------------------------------------------------------------------------------------------

  #all() {
    const { points } = this.#scanCurve();
    return [points[0], points[points.length - 1]];
  }

  #scanCurve() {
    if (this.mode === "measured") return { points: [...this.scan.axis], values: [...this.scan.values] };
    const { points, corrected, window: wide } = this.judged;
    if (this.mode === "alone") return { points, values: this.#withoutOthers(points) };
    return { points, values: this.mode === "derivative" ? slope(points, corrected, wide) : corrected };
  }

  // What the scan shows once all parts of the fit are taken off but those that are laid over it.
  #withoutOthers(points) {
    const shown = new Set(this.overlays.filter((each) => each.over).map((each) => each.reference));
    const left = this.fit.residual.slice();
    for (const part of this.fit.parts) if (shown.has(part.reference)) part.curve.forEach((y, i) => (left[i] += y));
    return at(points, this.fit.axis, left);
  }

  // Everything that is drawn over the scan, on its points: curves and how they look.
  #curves() {
    const ink = this.#colour("--ink");
    const { points, values } = this.#scanCurve();
    const series = [values];
    const lines = [{ label: word("scan"), stroke: ink, width: 1.4 }];
    const add = (curve, line) => {
      series.push(curve);
      lines.push(line);
    };
    if (this.mode === "measured") {
      if (this.judged) {
        const under = at(points, this.judged.grid, this.judged.baseline);
        add(under, { label: word("baseline"), stroke: this.#colour("--soft"), width: 1, dash: [4, 4] });
      }
      return { points, series, lines };
    }
    const shaped = (curve) => (this.mode === "derivative" ? slope(points, curve, this.judged.window) : curve);
    if (this.fit && this.layers.fit && this.mode !== "alone") {
      add(shaped(at(points, this.fit.axis, this.fit.fit)), { label: word("fit"), stroke: this.#colour("--focus"), width: 3, alpha: 0.55 });
    }
    for (const each of this.#drawn()) {
      const { colour, dash } = styleOf(each.index);
      add(shaped(each.curve(points)), { label: each.name, stroke: colour, width: 1.6, dash });
    }
    return { points, series, lines };
  }

  // References that are drawn now: chosen ones, and all parts of the fit where these are wanted.
  #drawn() {
    const parts = new Map((this.fit?.parts ?? []).map((part) => [part.reference, part]));
    const isPart = (each) => this.layers.parts && this.mode !== "alone" && parts.has(each.reference);
    const chosen = this.overlays.filter((each) => each.over || isPart(each));
    return chosen.map((each) => ({
      ...each,
      part: parts.get(each.reference),
      curve: (points) => {
        const part = parts.get(each.reference);
        if (part) return at(points, this.fit.axis, part.curve);
        const curve = at(points, each.axis, each.curve);
        const scale = amount(this.mode === "alone" ? this.#withoutOthers(points) : this.judged.corrected, curve);
        return curve.map((y) => (y === null ? null : scale * y));
      },
    }));
  }

  #options(height, lines, hasLabel) {
    const soft = this.#colour("--soft");
    const grid = { stroke: this.#colour("--faint"), width: 1 };
    const label = this.scan.technique === "ftir" ? word("wavenumber") : word("raman_shift");
    const ordinate = this.scan.technique === "ftir" ? word("absorbance") : word("intensity");
    return {
      width: this.place.clientWidth,
      height,
      legend: { show: false },
      scales: { x: { time: false, dir: this.scan.reversed ? -1 : 1, range: () => this.range }, y: {} },
      axes: [
        { stroke: soft, grid, ticks: grid, label: hasLabel ? label : undefined, size: hasLabel ? 34 : 28, labelSize: 20, font: "12px sans-serif", labelFont: "12px sans-serif" },
        { stroke: soft, grid, ticks: grid, size: 62, label: this.mode === "derivative" ? word("slope") : ordinate, labelSize: 20, font: "12px sans-serif", labelFont: "12px sans-serif", values: (_, ticks) => ticks.map(short) },
      ],
      series: [{}, ...lines.map((line) => ({ ...line, points: { show: false }, spanGaps: false }))],
      cursor: this.#cursor(),
      padding: [this.layers.labels ? 34 : 10, 20, 0, 0],
      hooks: {
        setSelect: [(plot) => this.#selected(plot)],
        setCursor: [(plot) => this.#read(plot)],
        draw: [(plot) => this.#annotate(plot)],
      },
    };
  }

  #restOptions(height) {
    const soft = this.#colour("--soft");
    const grid = { stroke: this.#colour("--faint"), width: 1 };
    const label = this.scan.technique === "ftir" ? word("wavenumber") : word("raman_shift");
    return {
      width: this.place.clientWidth,
      height,
      legend: { show: false },
      scales: { x: { time: false, dir: this.scan.reversed ? -1 : 1, range: () => this.range }, y: {} },
      axes: [
        { stroke: soft, grid, ticks: grid, label, size: 34, labelSize: 20, font: "12px sans-serif", labelFont: "12px sans-serif" },
        { stroke: soft, grid, ticks: grid, size: 62, label: height > 90 ? word("left_over") : " ", labelSize: 20, font: "12px sans-serif", labelFont: "12px sans-serif", values: (_, ticks) => ticks.map(short) },
      ],
      series: [{}, { stroke: soft, width: 1, points: { show: false } }, { stroke: this.#colour("--danger"), width: 1.2, points: { show: false } }],
      cursor: this.#cursor(),
      padding: [4, 20, 0, 0],
      hooks: { setSelect: [(plot) => this.#selected(plot)], setCursor: [(plot) => this.#read(plot)], draw: [(plot) => this.#markRest(plot)] },
    };
  }

  #cursor() {
    return {
      sync: { key: this.sync, setSeries: false },
      drag: { x: true, y: false, setScale: false },
      y: false,
      points: { show: false },
      bind: {
        mousedown: (plot, _, handler) => (event) => (event.shiftKey ? this.#pan(plot, event) : handler(event)),
        dblclick: () => () => this.zoom("all"),
      },
    };
  }

  #selected(plot) {
    const { left, width } = plot.select;
    if (width < 4) return;
    const ends = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#show(Math.min(...ends), Math.max(...ends));
  }

  #pan(plot, event) {
    const [low, high] = this.range;
    const perPixel = ((high - low) / plot.over.clientWidth) * (this.scan.reversed ? 1 : -1);
    const move = (moved) => {
      const by = (moved.clientX - event.clientX) * perPixel;
      this.#show(low + by, high + by, true);
    };
    const end = () => {
      document.removeEventListener("mousemove", move);
      document.removeEventListener("mouseup", end);
    };
    document.addEventListener("mousemove", move);
    document.addEventListener("mouseup", end);
  }

  #show(low, high, keepSpan = false) {
    const [first, last] = this.#all();
    if (keepSpan) {
      const span = high - low;
      const start = Math.min(Math.max(low, first), last - span);
      this.range = [start, start + span];
    } else {
      const middle = (low + high) / 2;
      const span = Math.max(high - low, SMALLEST_SPAN);
      this.range = [Math.max(middle - span / 2, first), Math.min(middle + span / 2, last)];
    }
    for (const plot of [this.main, this.rest]) plot?.setScale("x", { min: this.range[0], max: this.range[1] });
    this.onRange();
  }

  // The wheel zooms with Ctrl or Shift, so that it still scrolls the page.
  #follow() {
    for (const plot of [this.main, this.rest].filter(Boolean)) {
      plot.over.addEventListener(
        "wheel",
        (event) => {
          if (!event.ctrlKey && !event.shiftKey) return;
          event.preventDefault();
          const x = plot.posToVal(event.offsetX, "x");
          const factor = (event.deltaY || event.deltaX) > 0 ? 1.25 : 0.8;
          const [low, high] = this.range;
          this.#show(x - factor * (x - low), x + factor * (high - x));
        },
        { passive: false },
      );
    }
  }

  #read(plot) {
    const i = plot.cursor.idx;
    if (i === null || i === undefined || plot !== this.main) return;
    const x = plot.data[0][i];
    const values = plot.series.slice(1).map((line, k) => [line.label, plot.data[k + 1][i]]);
    this.onRead(x, values.filter(([, y]) => y !== null && y !== undefined));
  }

  #annotate(plot) {
    const context = plot.ctx;
    const ratio = window.uPlot.pxRatio ?? devicePixelRatio;
    context.save();
    context.beginPath();
    context.rect(plot.bbox.left, 0, plot.bbox.width, plot.bbox.top + plot.bbox.height);
    context.clip();
    context.setLineDash([]); // a dashed curve leaves its dash behind
    context.font = `${12 * ratio}px sans-serif`;
    if (this.layers.bands && this.mode !== "measured") this.#drawBands(plot, context, ratio);
    if (this.layers.labels && this.mode !== "derivative") this.#drawPeaks(plot, context, ratio);
    context.restore();
  }

  #drawPeaks(plot, context, ratio) {
    const room = Math.max(4, Math.floor(plot.bbox.width / ratio / 34));
    context.fillStyle = this.#colour("--ink");
    context.textAlign = "left";
    context.textBaseline = "middle";
    let taken = [];
    for (const peak of this.peaksInView(room).sort((a, b) => b.prominence - a.prominence)) {
      const x = plot.valToPos(peak.x, "x", true);
      if (taken.some((other) => Math.abs(other - x) < 14 * ratio)) continue;
      taken = [...taken, x];
      const y = plot.valToPos(peak.y, "y", true) - 6 * ratio;
      context.save();
      context.translate(x, y);
      context.rotate(-Math.PI / 2);
      context.fillText(String(Math.round(peak.x)), 0, 0);
      context.restore();
    }
  }

  // Below the curve: a tick for a band that is shown, a cross for one that is missing; one line for each reference.
  #drawBands(plot, context, ratio) {
    const bottom = plot.bbox.top + plot.bbox.height;
    this.#drawn().forEach((each, line) => {
      const y = bottom - (10 + 13 * line) * ratio;
      const { colour } = styleOf(each.index);
      context.strokeStyle = colour;
      context.lineWidth = 2 * ratio;
      const matched = each.part ? each.part.matched : each.bands;
      for (const band of matched) {
        const x = plot.valToPos(band, "x", true);
        stroke(context, [[x, y - 5 * ratio], [x, y + 5 * ratio]]);
      }
      for (const band of each.part?.missing ?? []) {
        const x = plot.valToPos(band, "x", true);
        const r = 4 * ratio;
        stroke(context, [[x - r, y - r], [x + r, y + r]]);
        stroke(context, [[x - r, y + r], [x + r, y - r]]);
      }
    });
    this.#dotted(plot, context, ratio);
  }

  #markRest(plot) {
    if (!this.layers.bands) return;
    const context = plot.ctx;
    const ratio = window.uPlot.pxRatio ?? devicePixelRatio;
    context.save();
    this.#dotted(plot, context, ratio);
    context.restore();
  }

  #dotted(plot, context, ratio) {
    context.strokeStyle = this.#colour("--danger");
    context.lineWidth = ratio;
    context.setLineDash([2 * ratio, 3 * ratio]);
    for (const band of this.marked) {
      if (band < this.range[0] || band > this.range[1]) continue;
      const x = plot.valToPos(band, "x", true);
      stroke(context, [[x, plot.bbox.top], [x, plot.bbox.top + plot.bbox.height]]);
    }
    context.setLineDash([]);
  }

  #colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  #resize() {
    if (!this.main || !this.place.clientWidth) return;
    const height = this.place.clientHeight;
    const below = this.rest ? Math.round(REST_SHARE * height) : 0;
    this.main.setSize({ width: this.place.clientWidth, height: height - below });
    this.rest?.setSize({ width: this.place.clientWidth, height: below });
  }
}

function stroke(context, points) {
  context.beginPath();
  points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.stroke();
}

function short(value) {
  if (value === null) return "";
  const size = Math.abs(value);
  if (size >= 10000) return `${Math.round(value / 1000)}k`;
  return String(Number(value.toPrecision(3)));
}
