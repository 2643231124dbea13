// Polygons: a click adds a point, and a click on the first one or Enter closes the line. Points of closed lines can be
// dragged; a click on an edge adds one, a right click or Del removes one. An object's outline can be turned into
// polygons and back.

import { toScreen } from '../../scripts/model/viewport.js';
import { distance, distanceToSegment, fillRings, ringsOf, simplify } from '../shapes.js';

const REACH = { mouse: 10, pen: 13, touch: 22 };

/** The largest distance of an outline's points from the mask's border, in pixels of the photo. */
const TOLERANCE = 1;

export class PolygonTool {
  cursor = 'crosshair';
  #past = [];

  constructor(app) {
    this.app = app;
  }

  get polygon() {
    return this.app.state.polygon;
  }

  get isBusy() {
    return this.polygon !== null;
  }

  hover(place) {
    const hit = this.#hit(place);
    this.app.store.update({ polygonGrip: hit?.vertex ?? null, polygonTo: this.polygon?.isOpen ? place : null });
    if (hit?.vertex) return 'pointer';
    return hit?.edge ? 'pointer' : this.cursor;
  }

  leave() {
    this.app.store.update({ polygonGrip: null, polygonTo: null });
  }

  grab(press, placeAt) {
    const hit = this.#hit(placeAt(press.start), press.kind);
    if (!hit?.vertex) return press.kind === 'touch' || press.button !== 0 ? null : { move() {}, drop() {}, cancel() {} };
    const start = this.polygon;
    return {
      move: (at) => this.#show(moved(start, hit.vertex, this.#inside(placeAt(at)))),
      drop: () => this.#past.push(start),
      cancel: () => this.#show(start),
    };
  }

  click(place, press) {
    const at = this.#inside(place);
    const hit = this.#hit(at, press.kind);
    const { polygon } = this;
    if (!polygon) {
      if (press.isAlternate) return;
      this.app.store.update({ selected: null, also: [] });
      this.#push({ rings: [[at]], isOpen: true, editing: null });
    } else if (hit?.vertex && press.isAlternate) {
      this.#remove(hit.vertex);
    } else if (polygon.isOpen && hit?.vertex?.point === 0 && polygon.rings[0].length > 2) {
      this.#push({ ...polygon, isOpen: false });
      this.app.announce('Closed. Drag points; Enter accepts.');
    } else if (polygon.isOpen && !press.isAlternate) {
      this.#push({ ...polygon, rings: [[...polygon.rings[0], at]] });
    } else if (hit?.edge && !press.isAlternate) {
      this.#push(inserted(polygon, hit.edge, at));
    }
  }

  /** Removes the open line; returns whether there was one. */
  cancel() {
    if (!this.polygon) return false;
    this.#past = [];
    this.#show(null);
    return true;
  }

  /** Makes a mask from the polygons and gives it to the object; false if there are none. */
  accept() {
    const { polygon } = this;
    if (!polygon) return false;
    const runs = fillRings(polygon.rings, this.app.state.photo);
    this.cancel();
    if (runs.isEmpty) this.app.announce('Too few points: nothing is inside.');
    else if (polygon.editing !== null) this.app.session.setMask(polygon.editing, runs, 'polygon');
    else this.app.session.add([{ runs, made: 'polygon' }], 'polygon');
    return true;
  }

  /** The outline of an object as polygons. */
  edit(object) {
    const { view } = this.app.state;
    const rings = ringsOf(object.mask.runs).map((ring) => simplify(ring, Math.max(TOLERANCE, 1.5 / view.scale)));
    this.#past = [];
    this.#show({ rings, isOpen: false, editing: object.id });
  }

  undo() {
    if (!this.polygon || !this.#past.length) return this.cancel();
    this.#show(this.#past.pop());
    return true;
  }

  /** Removes the point under the pointer, otherwise the last one of an open line; returns whether there was one. */
  removePoint() {
    const { polygon } = this;
    if (!polygon) return false;
    const vertex = this.app.state.polygonGrip ?? (polygon.isOpen ? { ring: 0, point: polygon.rings[0].length - 1 } : null);
    if (vertex) this.#remove(vertex);
    return true;
  }

  #remove({ ring, point }) {
    const rings = this.polygon.rings.map((points, i) => (i === ring ? points.filter((_, j) => j !== point) : points));
    const least = this.polygon.isOpen ? 1 : 3;
    const left = rings.filter((points) => points.length >= least);
    if (left.length) this.#push({ ...this.polygon, rings: left });
    else this.cancel();
  }

  #push(polygon) {
    this.#past.push(this.polygon);
    this.#show(polygon);
  }

  #show(polygon) {
    this.app.store.update({ polygon, polygonGrip: null, polygonTo: null });
  }

  #inside({ x, y }) {
    const { width, height } = this.app.state.photo;
    return { x: Math.min(width, Math.max(0, x)), y: Math.min(height, Math.max(0, y)) };
  }

  #hit(place, kind = 'mouse') {
    const { polygon } = this;
    if (!polygon) return null;
    const reach = (REACH[kind] ?? REACH.mouse) / this.app.state.view.scale;
    let [nearest, vertex] = [reach, null];
    polygon.rings.forEach((points, ring) => points.forEach((point, i) => {
      const off = distance(point, place);
      if (off <= nearest) [nearest, vertex] = [off, { ring, point: i }];
    }));
    if (vertex) return { vertex };
    if (polygon.isOpen) return null;
    let edge = null;
    polygon.rings.forEach((points, ring) => points.forEach((point, i) => {
      const off = distanceToSegment(place, point, points[(i + 1) % points.length]);
      if (off <= nearest) [nearest, edge] = [off, { ring, point: i }];
    }));
    return edge && { edge };
  }
}

export function paintPolygon(context, { polygon, polygonGrip, polygonTo, view }, colors) {
  if (!polygon) return;
  const path = new Path2D();
  polygon.rings.forEach((points) => {
    points.forEach((point, i) => {
      const { x, y } = toScreen(view, point);
      if (i) path.lineTo(x, y);
      else path.moveTo(x, y);
    });
    if (!polygon.isOpen) path.closePath();
    else if (polygonTo) path.lineTo(toScreen(view, polygonTo).x, toScreen(view, polygonTo).y);
  });
  context.globalAlpha = 0.18;
  context.fillStyle = colors.accent;
  context.fill(path, 'evenodd');
  context.globalAlpha = 1;
  for (const [color, width] of [['rgba(255, 255, 255, 0.9)', 4], [colors.accent, 2]]) {
    context.lineWidth = width;
    context.strokeStyle = color;
    context.stroke(path);
  }
  polygon.rings.forEach((points, ring) => points.forEach((point, i) => {
    const { x, y } = toScreen(view, point);
    const isLit = polygonGrip?.ring === ring && polygonGrip.point === i;
    context.beginPath();
    context.arc(x, y, isLit ? 6.5 : 4.5, 0, 2 * Math.PI);
    context.fillStyle = isLit || (polygon.isOpen && i === 0) ? colors.accent : '#ffffff';
    context.fill();
    context.lineWidth = 2;
    context.strokeStyle = isLit ? '#ffffff' : colors.accent;
    context.stroke();
  }));
}

function moved(polygon, { ring, point }, place) {
  const rings = polygon.rings.map((points, i) => (i === ring ? points.map((old, j) => (j === point ? place : old)) : points));
  return { ...polygon, rings };
}

function inserted(polygon, { ring, point }, place) {
  const rings = polygon.rings.map((points, i) => (i === ring ? points.toSpliced(point + 1, 0, place) : points));
  return { ...polygon, rings };
}
