// Numbers of curves: unpacked from the service's sixteen bits, laid on one axis, differentiated, searched for peaks.
function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
}

export function unpackAxis(packed) {
  if (packed.floats) return Float64Array.from(new Float32Array(bytes(packed.floats)));
  return Float64Array.from({ length: packed.n }, (_, i) => packed.start + packed.step * i);
}

export function unpack(packed) {
  const numbers = new Uint16Array(bytes(packed.numbers));
  return Float64Array.from(numbers, (number) => packed.low + packed.step * number);
}

// Values of a curve at other points; null where it was not measured, so that nothing is drawn there.
export function at(points, axis, values) {
  const found = new Array(points.length).fill(null);
  let k = 0;
  for (let i = 0; i < points.length; i += 1) {
    const x = points[i];
    if (x < axis[0] || x > axis[axis.length - 1]) continue;
    while (k < axis.length - 2 && axis[k + 1] < x) k += 1;
    const width = axis[k + 1] - axis[k];
    const part = width > 0 ? (x - axis[k]) / width : 0;
    found[i] = values[k] + part * (values[k + 1] - values[k]);
  }
  return found;
}

// Slope by least squares over a window [cm^-1] (Savitzky and Golay, first order).
export function slope(axis, values, window) {
  const found = new Array(axis.length).fill(null);
  let first = 0;
  let last = 0;
  for (let i = 0; i < axis.length; i += 1) {
    if (values[i] === null) continue;
    while (axis[first] < axis[i] - window / 2) first += 1;
    while (last < axis.length - 1 && axis[last + 1] <= axis[i] + window / 2) last += 1;
    let [n, sx, sy, sxx, sxy] = [0, 0, 0, 0, 0];
    for (let j = first; j <= last; j += 1) {
      if (values[j] === null) continue;
      const x = axis[j] - axis[i];
      n += 1;
      sx += x;
      sy += values[j];
      sxx += x * x;
      sxy += x * values[j];
    }
    const below = n * sxx - sx * sx;
    if (n > 2 && below > 0) found[i] = (n * sxy - sx * sy) / below;
  }
  return found;
}

// The most prominent maxima between two places: [{x, y, prominence}], in order of the axis.
export function peaks(axis, values, low, high, most, leastProminence) {
  const inside = [];
  for (let i = 0; i < axis.length; i += 1) if (axis[i] >= low && axis[i] <= high && values[i] !== null) inside.push(i);
  const found = [];
  for (let k = 1; k < inside.length - 1; k += 1) {
    const i = inside[k];
    if (!(values[i] > values[inside[k - 1]] && values[i] >= values[inside[k + 1]])) continue;
    const prominence = values[i] - Math.max(fall(values, inside, k, -1), fall(values, inside, k, 1));
    if (prominence >= leastProminence) found.push({ x: axis[i], y: values[i], prominence });
  }
  return found.sort((a, b) => b.prominence - a.prominence).slice(0, most).sort((a, b) => a.x - b.x);
}

// The lowest value on the way from a maximum to something higher.
function fall(values, inside, k, step) {
  let lowest = values[inside[k]];
  for (let j = k + step; j >= 0 && j < inside.length; j += step) {
    if (values[inside[j]] > values[inside[k]]) return lowest;
    lowest = Math.min(lowest, values[inside[j]]);
  }
  return lowest;
}

// The amount of a reference, laid over a scan by least squares; never below nothing.
export function amount(scan, curve) {
  let [product, square] = [0, 0];
  for (let i = 0; i < scan.length; i += 1) {
    if (scan[i] === null || curve[i] === null) continue;
    product += scan[i] * curve[i];
    square += curve[i] * curve[i];
  }
  return square > 0 ? Math.max(product / square, 0) : 0;
}
