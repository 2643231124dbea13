// Decodes prompts beside the page: the service's decoder in ONNX Runtime, on embeddings that the page has fetched.
// A message { call, name, ...arguments } is answered with { call, result } or { call, error }.

import { enlarge, tapsOf } from './enlarge.js';
import { removeSpecks } from './specks.js';

const RUNTIME = '../../vendor/onnxruntime-web/';
const LABELS = { topLeft: 2, bottomRight: 3, none: -1 };

/** Pixels of the model's input for a place of an embedding, and logits for one. */
const STRIDE = 16;
const LOGITS = 4;

const photos = new Map();
let ort;
let session;
let isSingleFirst;

const calls = {
  async start({ graph, firstMask }) {
    ort = await import(`${RUNTIME}ort.wasm.min.mjs`);
    ort.env.logLevel = 'error';
    Object.assign(ort.env.wasm, { numThreads: 1, proxy: false, wasmPaths: new URL(RUNTIME, import.meta.url).href });
    isSingleFirst = firstMask === 'single';
    session = await ort.InferenceSession.create(new Uint8Array(graph), { executionProviders: ['wasm'], logSeverityLevel: 3 });
  },

  async open({ photo, values, shape, picture, resized }) {
    const [channels, side] = shape;
    if (values.byteLength !== 2 * channels * side * side) throw new Error('The embedding is not of the size that it states.');
    const axis = (i) => tapsOf(side * LOGITS, side * STRIDE, resized[i], picture[i]);
    photos.set(photo, {
      embedding: new ort.Tensor('float32', widen(new Uint16Array(values)), [1, channels, side, side]),
      side: side * LOGITS,
      picture,
      scale: [resized[0] / picture[0], resized[1] / picture[1]],
      columns: axis(0),
      rows: axis(1),
    });

    // The browser compiles what the first prompts run through, for which nobody has to wait.
    if (photos.size === 1) await run(photos.get(photo), { points: [{ x: 0, y: 0, label: 1 }] });
  },

  close({ photo }) {
    photos.delete(photo);
  },

  /** What the service answers for one object: { candidates, best }. */
  async decode({ photo: name, prompt }) {
    const photo = photos.get(name);
    const { iou, logits } = await run(photo, prompt);
    const isAmbiguous = prompt.points.length === 1 && !prompt.box;
    const first = isAmbiguous && !isSingleFirst ? 1 : 0;
    const scores = [...iou.subarray(first, isAmbiguous ? iou.length : 1)];
    const size = photo.side * photo.side;
    const candidates = scores.map((score, i) => {
      const low = logits.subarray((first + i) * size, (first + i + 1) * size);
      const { runs, stability } = enlarge(low, photo.side, photo.columns, photo.rows);
      const mask = removeSpecks(runs, prompt.min_region ?? 0);
      return {
        box: [mask.left, mask.top, mask.right, mask.bottom], area: mask.area,
        predicted_iou: score, stability_score: stability, rle: mask.encode(),
      };
    });
    const best = isAmbiguous && isSingleFirst ? 0 : scores.indexOf(Math.max(...scores));
    return { candidates, best };
  },
};

async function run({ embedding, side, picture, scale }, { points, box }) {
  const tokens = points.map(({ x, y, label }) => [x, y, label]);
  if (box) {
    const [left, top, right, bottom] = box.map((value, i) => Math.min(Math.max(value, 0), picture[i % 2]));
    tokens.push([left, top, LABELS.topLeft], [right, bottom, LABELS.bottomRight]);
  } else {
    tokens.push([0, 0, LABELS.none]);
  }
  const tensor = (values, ...shape) => new ort.Tensor('float32', Float32Array.from(values), shape);
  const results = await session.run({
    image_embeddings: embedding,
    point_coords: tensor(tokens.flatMap(([x, y]) => [x * scale[0], y * scale[1]]), 1, tokens.length, 2),
    point_labels: tensor(tokens.map(([, , label]) => label), 1, tokens.length),
    mask_input: tensor(new Float32Array(side * side), 1, 1, side, side),
    has_mask_input: tensor([0], 1),
  });
  return { iou: results.iou_predictions.data, logits: results.low_res_masks.data };
}

/** Numbers of half precision as those of single precision. */
function widen(halves) {
  const values = new Float32Array(halves.length);
  halves.forEach((half, i) => {
    const [exponent, fraction] = [(half >> 10) & 0x1f, half & 0x3ff];
    const size = exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24;
    values[i] = half & 0x8000 ? -size : size;
  });
  return values;
}

onmessage = async ({ data: { call, name, ...options } }) => {
  try {
    postMessage({ call, result: await calls[name](options) });
  } catch (error) {
    postMessage({ call, error: String(error?.message ?? error) });
  }
};
