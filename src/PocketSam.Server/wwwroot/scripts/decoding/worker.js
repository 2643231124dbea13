// Worker that decodes prompts with ONNX Runtime and the service's decoder on the embeddings of open photos. It handles
// one message at a time: { call, name, values } is answered by { call, result } or { call, error }.

import { MaskRuns } from '../model/rle.js';
import { withoutSpecks } from '../model/regions.js';
import { Enlarger } from './enlarge.js';
import { geometryOf } from './geometry.js';
import { unpack } from './packed.js';
import { logitsOf } from './shrink.js';
import { choiceOf, tokensOf } from './tokens.js';

/** Number of predictions to warm up with: the browser recompiles hot code with better optimization. */
const WARM_UPS = 8;

const photos = new Map();
let ort = null;
let session = null;
let offer = null;
let last = Promise.resolve();

const handlers = {
  /** `runtime` and `wasm` are the addresses of ONNX Runtime; `graph` holds the bytes of the decoder. */
  async load({ runtime, wasm, graph, ...rest }) {
    ort = await import(runtime);
    ort.env.logLevel = 'error';
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = { wasm };
    session = await ort.InferenceSession.create(new Uint8Array(graph), { executionProviders: ['wasm'] });
    offer = rest;
    await warmUp();
  },

  add({ key, width, height, embedding }) {
    photos.set(key, photoOf(width, height, unpack(embedding, offer.embedding_shape)));
  },

  remove({ key }) {
    photos.delete(key);
  },

  /** The service's answer to one prompt, without a PNG. */
  async predict({ key, prompt }) {
    const photo = photos.get(key);
    const { ious, logits } = await decode(photo, prompt);
    const { masks, best } = choiceOf(prompt, offer.first_mask, ious);
    const size = photo.geometry.maskSide ** 2;
    const candidates = masks.map((place) => ({
      ...maskOf(photo, logits.subarray(place * size, (place + 1) * size), prompt), predicted_iou: ious[place],
    }));
    return { best, candidates };
  },
};

function photoOf(width, height, embedding) {
  const geometry = geometryOf(width, height, offer.embedding_shape[2], offer.side_multiple);
  return { geometry, enlarger: new Enlarger(geometry), embedding: new ort.Tensor('float32', embedding, offer.embedding_shape) };
}

function maskOf({ enlarger }, logits, { min_region: share }) {
  const { runs, stability } = enlarger.enlarge(logits);
  return { rle: (share ? withoutSpecks(runs, share) : runs).encode(), stability_score: stability };
}

/** Decodes prompts on a blank photo, and enlarges the logits of a disc. */
async function warmUp() {
  const { inputSize, maskSide } = geometryOf(1, 1, offer.embedding_shape[2], offer.side_multiple);
  const blank = photoOf(inputSize, inputSize, new Float32Array(offer.embedding_shape.reduce((product, size) => product * size)));
  const middle = maskSide / 2;
  const disc = Float32Array.from({ length: maskSide ** 2 }, (_, i) => middle / 2 - Math.hypot((i % maskSide) - middle, i / maskSide - middle));
  for (let i = 0; i < WARM_UPS; i++) {
    await decode(blank, { points: [{ x: 0, y: 0, label: 1 }] });
    maskOf(blank, disc, { min_region: 0.01 });
  }
}

/** Predicted IoU and logits of all the decoder's masks for a prompt. */
async function decode({ geometry, embedding }, prompt) {
  const { coordinates, labels } = tokensOf(prompt, geometry);
  const side = geometry.maskSide;
  const mask = prompt.mask ? logitsOf(MaskRuns.decode(prompt.mask), geometry) : new Float32Array(side * side);
  const tensor = (values, ...shape) => new ort.Tensor('float32', values, shape);
  const { iou_predictions: ious, low_res_masks: logits } = await session.run({
    image_embeddings: embedding,
    point_coords: tensor(coordinates, 1, labels.length, 2),
    point_labels: tensor(labels, 1, labels.length),
    mask_input: tensor(mask, 1, 1, side, side),
    has_mask_input: tensor(Float32Array.of(prompt.mask ? 1 : 0), 1),
  });
  return { ious: ious.data, logits: logits.data };
}

addEventListener('message', ({ data: { call, name, values } }) => {
  last = last.then(async () => {
    try {
      postMessage({ call, result: await handlers[name](values) });
    } catch (error) {
      postMessage({ call, error: String(error?.message ?? error) });
    }
  });
});
