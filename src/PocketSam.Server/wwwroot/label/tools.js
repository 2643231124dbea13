// What pointers do on the stage, tool by tool.

import { boxBetween } from '../scripts/model/prompts.js';
import { packColor } from '../scripts/model/raster.js';
import { isInside, toPhoto, toScreen } from '../scripts/model/viewport.js';
import { Gestures } from '../scripts/stage/gestures.js';
import { decodeMask, emptyBitmap } from './rle.js';
import { stroke } from './pixels.js';

const CORNER_REACH = 10;

export class Tools {
  constructor(app, surface, navigation) {
    this.app = app;
    this.surface = surface;
    this.navigation = navigation;
    this.gestures = new Gestures(surface, {
      hover: (at) => app.store.update({ pointer: at }),
      leave: () => app.store.update({ pointer: null }),
      grab: (press) => this.#grab(press),
      click: (press) => this.#click(press),
      zoom: (factor, at) => navigation.zoomBy(factor, at),
      pan: (dx, dy) => navigation.panBy(dx, dy),
      doubleTap: (at) => navigation.toggleZoom(at),
    });
    app.store.watch(['tool', 'isPanning'], ({ tool, isPanning }) => {
      surface.dataset.cursor = isPanning ? 'grab' : tool === 'pick' ? 'default' : 'crosshair';
    });
  }

  /** Ends a gesture under way; false where there is none. */
  cancel() {
    const { isActive } = this.gestures;
    this.gestures.cancel();
    return isActive;
  }

  #click({ at, isShifted, isAlternate, button }) {
    const { app } = this;
    const { view, photo, tool, isPanning, polygon } = app.state;
    if (!photo || !view || button === 1 || isPanning) return;
    const place = toPhoto(view, at);
    if (tool === 'polygon') app.store.update({ polygon: [...polygon, held(place, photo)] });
    else if (tool === 'pick') this.#pick(place, isShifted);
    else if (!isInside(photo, place)) return;
    else if (tool === 'brush' || tool === 'eraser') {
      const paint = this.#beginPaint(place);
      paint?.to(place);
      paint?.end();
    } else app.point(place, !(isShifted || isAlternate));
  }

  #pick({ x, y }, isAdded) {
    const found = this.#objectAt(x, y);
    const { selected } = this.app.state;
    if (!found) this.app.select(isAdded ? selected : []);
    else if (!isAdded) this.app.select([found.id]);
    else this.app.select(selected.includes(found.id) ? selected.filter((id) => id !== found.id) : [...selected, found.id]);
  }

  /** The smallest of the objects that hold a place. */
  #objectAt(x, y) {
    const hits = this.app.state.picture.objects.filter((object) => this.app.drawableOf(object).runs.contains(Math.floor(x), Math.floor(y)));
    return hits.reduce((best, one) => (!best || this.app.drawableOf(one).area < this.app.drawableOf(best).area ? one : best), null);
  }

  #grab(press) {
    const { app } = this;
    const { view, photo, tool, isPanning, polygon } = app.state;
    if (!photo || !view) return null;
    if (press.button === 1 || isPanning || (press.kind === 'touch' && (tool === 'point' || tool === 'pick'))) return this.#panGrip(press);
    const start = toPhoto(view, press.start);
    if (tool === 'polygon') {
      const index = polygon.findLastIndex((corner) => near(toScreen(view, corner), press.start));
      return index < 0 ? null : this.#cornerGrip(index, polygon);
    }
    if (tool === 'brush' || tool === 'eraser') return this.#paintGrip(start);
    if (tool === 'box' || tool === 'point') return this.#boxGrip(start);
    return this.#panGrip(press);
  }

  #panGrip(press) {
    let last = press.start;
    return {
      move: (at) => {
        this.navigation.panBy(at.x - last.x, at.y - last.y);
        last = at;
      },
      drop() {},
      cancel() {},
    };
  }

  #boxGrip(start) {
    const { store } = this.app;
    const boxTo = (at) => boxBetween(start, toPhoto(store.state.view, at), store.state.photo);
    return {
      move: (at) => store.update({ drag: boxTo(at) }),
      drop: () => {
        const { drag } = store.state;
        store.update({ drag: null });
        if (drag) this.app.box(drag);
      },
      cancel: () => store.update({ drag: null }),
    };
  }

  #cornerGrip(index, before) {
    const { store } = this.app;
    return {
      move: (at) => {
        const { view, photo, polygon } = store.state;
        store.update({ polygon: polygon.with(index, held(toPhoto(view, at), photo)) });
      },
      drop() {},
      cancel: () => store.update({ polygon: before }),
    };
  }

  #paintGrip(start) {
    const paint = this.#beginPaint(start);
    if (!paint) return null;
    paint.to(start);
    return {
      move: (at) => {
        this.app.store.update({ pointer: at });
        paint.to(toPhoto(this.app.state.view, at));
      },
      drop: () => paint.end(),
      cancel: () => this.app.store.update({ paint: null }),
    };
  }

  /** A stroke on the object that is selected; of the brush else on a new one, of the eraser on what lies under it. */
  #beginPaint(start) {
    const { app } = this;
    const { photo, tool } = app.state;
    const isErasing = tool === 'eraser';
    let object = app.chosen.length === 1 ? app.chosen[0] : null;
    if (isErasing && !object) object = this.#objectAt(start.x, start.y);
    if (isErasing && !object) {
      app.announce('Nothing to erase there.');
      return null;
    }
    if (object) app.select([object.id]);
    const bitmap = object ? decodeMask(object.rle) : emptyBitmap(photo.width, photo.height);
    const color = packColor(app.colorOf(object ?? { classId: app.state.activeClass }));
    const canvas = new OffscreenCanvas(photo.width, photo.height);
    const context = canvas.getContext('2d');
    paintPart(context, bitmap, [0, 0, photo.width, photo.height], color);
    const id = object?.id ?? null;
    let last = start;
    return {
      to: (place) => {
        const { brush } = app.state;
        stroke(bitmap, last, place, brush, isErasing ? 0 : 1);
        paintPart(context, bitmap, partAround(last, place, brush, photo), color);
        last = place;
        app.store.update({ paint: { id, canvas } });
      },
      end: async () => {
        await app.painted(id, bitmap, isErasing ? 'eraser' : 'brush');
        app.store.update({ paint: null });
      },
    };
  }
}

function partAround(a, b, reach, photo) {
  const room = reach + 2;
  return [
    Math.max(0, Math.floor(Math.min(a.x, b.x) - room)), Math.max(0, Math.floor(Math.min(a.y, b.y) - room)),
    Math.min(photo.width, Math.ceil(Math.max(a.x, b.x) + room)), Math.min(photo.height, Math.ceil(Math.max(a.y, b.y) + room)),
  ];
}

function paintPart(context, { height, data }, [x0, y0, x1, y1], color) {
  const [columns, rows] = [x1 - x0, y1 - y0];
  if (columns <= 0 || rows <= 0) return;
  const pixels = new Uint32Array(columns * rows);
  for (let x = 0; x < columns; x++) {
    for (let y = 0; y < rows; y++) {
      if (data[(x0 + x) * height + y0 + y]) pixels[y * columns + x] = color;
    }
  }
  context.putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), columns, rows), x0, y0);
}

function near(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y) <= CORNER_REACH;
}

function held({ x, y }, { width, height }) {
  return { x: Math.min(width, Math.max(0, x)), y: Math.min(height, Math.max(0, y)) };
}
