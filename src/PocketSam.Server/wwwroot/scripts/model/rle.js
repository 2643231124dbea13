// COCO's run-length encoding: runs of background and foreground in turn, down the columns, left to right. The
// compressed form stores each count as the difference to the count two before it, in characters of five bits (cocoapi,
// maskApi.c).

const OFFSET = 48;
const MORE = 0x20;
const SIGN = 0x10;

export function decodeCounts(text) {
  const counts = [];
  for (let at = 0; at < text.length;) {
    let value = 0;
    let shift = 0;
    let bits;
    do {
      if (at >= text.length) throw new Error('The run-length encoding ends inside of a number.');
      bits = text.charCodeAt(at++) - OFFSET;
      value |= (bits & 0x1f) << shift;
      shift += 5;
    } while (bits & MORE);
    if (bits & SIGN && shift < 32) value |= -1 << shift;
    counts.push(counts.length > 2 ? value + counts[counts.length - 2] : value);
  }
  return counts;
}

export function encodeCounts(counts) {
  let text = '';
  counts.forEach((count, index) => {
    let value = index > 2 ? count - counts[index - 2] : count;
    for (;;) {
      const bits = value & 0x1f;
      value >>= 5;
      const done = bits & SIGN ? value === -1 : value === 0;
      text += String.fromCharCode((done ? bits : bits | MORE) + OFFSET);
      if (done) break;
    }
  });
  return text;
}

/**
 * The foreground of a mask as vertical runs: column `x` of the box has the rows `[tops[i], bottoms[i])` for `i` in
 * `[starts[x - left], starts[x - left + 1])`. Drawing and hit tests work on these runs, so their cost grows with the
 * mask's border and not with the photo's size.
 */
export class MaskRuns {
  constructor(width, height, left, starts, tops, bottoms) {
    this.width = width;
    this.height = height;
    this.left = left;
    this.right = left + starts.length - 1;
    this.starts = starts;
    this.tops = tops;
    this.bottoms = bottoms;
    this.top = tops.length ? tops.reduce((least, row) => Math.min(least, row), height) : 0;
    this.bottom = bottoms.reduce((most, row) => Math.max(most, row), 0);
    this.area = tops.reduce((sum, row, i) => sum + bottoms[i] - row, 0);
  }

  static decode({ size: [height, width], counts }) {
    const lengths = typeof counts === 'string' ? decodeCounts(counts) : counts;
    const columns = [];
    let position = 0;
    lengths.forEach((length, index) => {
      if (length < 0) throw new Error('The run-length encoding holds a run below zero.');
      if (index % 2) splitByColumns(columns, position, position + length, height);
      position += length;
    });
    if (position !== width * height) throw new Error('The run-length encoding is not of the size that it states.');
    return MaskRuns.fromColumns(width, height, columns);
  }

  /** Makes runs of `columns[x]`, a flat sorted list of tops and bottoms; columns may be missing. */
  static fromColumns(width, height, columns) {
    const present = Object.keys(columns);
    const left = present.length ? Number(present[0]) : 0;
    const right = present.length ? Number(present[present.length - 1]) + 1 : 0;
    const starts = new Int32Array(right - left + 1);
    const tops = [];
    const bottoms = [];
    for (let x = left; x < right; x++) {
      const column = columns[x] ?? [];
      for (let i = 0; i < column.length; i += 2) {
        tops.push(column[i]);
        bottoms.push(column[i + 1]);
      }
      starts[x - left + 1] = tops.length;
    }
    return new MaskRuns(width, height, left, starts, Int32Array.from(tops), Int32Array.from(bottoms));
  }

  get isEmpty() {
    return this.tops.length === 0;
  }

  contains(x, y) {
    if (x < this.left || x >= this.right || y < this.top || y >= this.bottom) return false;
    const end = this.starts[x - this.left + 1];
    for (let i = this.starts[x - this.left]; i < end; i++) {
      if (y >= this.tops[i] && y < this.bottoms[i]) return true;
    }
    return false;
  }

  /** The sorted tops and bottoms of column `x`; empty outside the box. */
  column(x) {
    const rows = [];
    if (x < this.left || x >= this.right) return rows;
    for (let i = this.starts[x - this.left]; i < this.starts[x - this.left + 1]; i++) {
      rows.push(this.tops[i], this.bottoms[i]);
    }
    return rows;
  }

  encode() {
    const counts = [];
    let written = 0;
    for (let x = this.left; x < this.right; x++) {
      for (let i = this.starts[x - this.left]; i < this.starts[x - this.left + 1]; i++) {
        const begin = x * this.height + this.tops[i];
        const length = this.bottoms[i] - this.tops[i];
        if (begin === written && counts.length) counts[counts.length - 1] += length;
        else counts.push(begin - written, length);
        written = x * this.height + this.bottoms[i];
      }
    }
    const total = this.width * this.height;
    if (written < total || !counts.length) counts.push(total - written);
    return { size: [this.height, this.width], counts: encodeCounts(counts) };
  }

  union(other) {
    const columns = [];
    const right = Math.max(this.right, other.right);
    for (let x = Math.min(this.left, other.left); x < right; x++) {
      const rows = joinRows(this.column(x), other.column(x));
      if (rows.length) columns[x] = rows;
    }
    return MaskRuns.fromColumns(this.width, this.height, columns);
  }

  intersect(other) {
    return this.#combine(other, (a, b) => a && b, Math.max(this.left, other.left), Math.min(this.right, other.right));
  }

  subtract(other) {
    return this.#combine(other, (a, b) => a && !b, this.left, this.right);
  }

  equals(other) {
    return this.width === other.width && this.height === other.height && this.area === other.area
      && this.subtract(other).isEmpty;
  }

  /** One byte for each pixel, 1 inside and 0 outside, column by column, of the part `[x0, y0, x1, y1]`. */
  toBytes([x0, y0, x1, y1] = [0, 0, this.width, this.height]) {
    const rows = y1 - y0;
    const bytes = new Uint8Array((x1 - x0) * rows);
    for (let x = Math.max(x0, this.left); x < Math.min(x1, this.right); x++) {
      for (let i = this.starts[x - this.left]; i < this.starts[x - this.left + 1]; i++) {
        const from = Math.max(this.tops[i], y0) - y0;
        const to = Math.min(this.bottoms[i], y1) - y0;
        if (to > from) bytes.fill(1, (x - x0) * rows + from, (x - x0) * rows + to);
      }
    }
    return bytes;
  }

  /** The inverse of `toBytes`; everything around the part is outside. */
  static fromBytes(bytes, width, height, [x0, y0, x1, y1] = [0, 0, width, height]) {
    const rows = y1 - y0;
    const columns = [];
    for (let x = x0; x < x1; x++) {
      const column = bytes.subarray((x - x0) * rows, (x - x0 + 1) * rows);
      for (let top = column.indexOf(1); top >= 0;) {
        const bottom = column.indexOf(0, top);
        (columns[x] ??= []).push(y0 + top, y0 + (bottom < 0 ? rows : bottom));
        top = bottom < 0 ? -1 : column.indexOf(1, bottom);
      }
    }
    return MaskRuns.fromColumns(width, height, columns);
  }

  #combine(other, isInside, from, to) {
    const columns = [];
    for (let x = from; x < to; x++) {
      const rows = combineRows(this.column(x), other.column(x), isInside);
      if (rows.length) columns[x] = rows;
    }
    return MaskRuns.fromColumns(this.width, this.height, columns);
  }

  /** A place inside the mask for a name tag: the middle of the longest run in the mask's middle column. */
  anchor() {
    if (this.isEmpty) return null;
    let passed = 0;
    let x = this.left;
    for (; x < this.right - 1; x++) {
      const rows = this.column(x);
      for (let i = 0; i < rows.length; i += 2) passed += rows[i + 1] - rows[i];
      if (passed * 2 >= this.area) break;
    }
    const rows = this.column(x);
    let best = 0;
    for (let i = 2; i < rows.length; i += 2) {
      if (rows[i + 1] - rows[i] > rows[best + 1] - rows[best]) best = i;
    }
    return { x: x + 0.5, y: (rows[best] + rows[best + 1]) / 2 };
  }
}

function splitByColumns(columns, begin, end, height) {
  while (begin < end) {
    const x = Math.floor(begin / height);
    const stop = Math.min(end, (x + 1) * height);
    (columns[x] ??= []).push(begin - x * height, stop - x * height);
    begin = stop;
  }
}

function joinRows(a, b) {
  const spans = [];
  for (const rows of [a, b]) {
    for (let i = 0; i < rows.length; i += 2) spans.push([rows[i], rows[i + 1]]);
  }
  spans.sort((one, two) => one[0] - two[0]);
  const joined = [];
  for (const [top, bottom] of spans) {
    if (joined.length && top <= joined[joined.length - 1]) {
      joined[joined.length - 1] = Math.max(joined[joined.length - 1], bottom);
    } else {
      joined.push(top, bottom);
    }
  }
  return joined;
}

/** Combines two columns; `isInside(a, b)` tells from both whether a row of the result is inside. */
function combineRows(a, b, isInside) {
  const combined = [];
  let [i, j] = [0, 0];
  let was = false;
  while (i < a.length || j < b.length) {
    const row = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
    while (a[i] === row) i++;
    while (b[j] === row) j++;
    const is = isInside(i % 2 === 1, j % 2 === 1);
    if (is !== was) combined.push(row);
    was = is;
  }
  return combined;
}
