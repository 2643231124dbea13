// Applies the chosen tool where the pointer or the keyboard's cursor acts on the photo.

import * as documents from '../model/document.js';
import { boxBetween, hitTest, moveBox, pixelAt, resizeBox } from '../model/prompts.js';
import { isInside, reveal, toPhoto, toScreen } from '../model/viewport.js';
import { smallestAt } from '../model/filters.js';
import { shownMasks, shownObjects } from '../selectors.js';
import { Gestures } from './gestures.js';

const REACH = { mouse: 11, pen: 14, touch: 22 };
const DOUBLE_CLICK = 350;

export class Tools {
  #beforeClick = null;
  #lastAdded = { id: null, button: 0, time: 0 };
  #corner = null;

  /**
   * `own` holds further tools by name, each { cursor, hover(place), leave(), grab(press, placeAt), click(place, press),
   * cancel() }. A place is in photo pixels; `placeAt` converts one from the screen.
   */
  constructor(element, app, navigation, own = {}) {
    this.element = element;
    this.app = app;
    this.own = own;
    this.store = app.store;
    this.navigation = navigation;
    this.gestures = new Gestures(element, {
      hover: (at) => this.#hover(at),
      leave: () => this.#leave(),
      grab: (press) => this.#grab(press),
      click: (press) => this.#click(press),
      zoom: (factor, at) => navigation.zoomBy(factor, at),
      pan: (dx, dy) => navigation.panBy(dx, dy),
      doubleTap: (at) => this.#doubleTap(at),
    });
  }

  /** Cancels a drag or a box begun by keyboard. True if there was one. */
  cancel() {
    const wasBusy = this.gestures.isActive || this.#corner !== null;
    this.gestures.cancel();
    this.#corner = null;
    if (wasBusy) this.app.session?.rollback();
    return this.#ownTool?.cancel() || wasBusy;
  }

  /** Moves the keyboard's cursor by about 12 CSS pixels, or by one photo pixel if `isFine`. */
  moveCursor(dx, dy, isFine) {
    const { photo, view, stage } = this.store.state;
    if (!photo) return;
    const step = isFine ? 1 : Math.max(1, Math.round(12 / view.scale));
    const from = this.store.state.cursor ?? pixelAt(toPhoto(view, { x: stage.width / 2, y: stage.height / 2 }), photo);
    const cursor = pixelAt({ x: from.x + dx * step, y: from.y + dy * step }, photo);
    this.store.update({ cursor, view: reveal(view, cursor, stage) });
    this.app.announce(`${cursor.x}, ${cursor.y}`);
    if (this.#corner) this.#previewBox(this.#corner, cursor);
    else this.#pointAt(cursor);
  }

  /** Clicks at the keyboard's cursor. */
  pressCursor(isAlternate, isShifted, since) {
    const { cursor, tool } = this.store.state;
    if (!cursor || !this.app.session) return;
    if (tool === 'box') {
      this.#pressCorner(cursor);
    } else {
      const at = toScreen(this.store.state.view, { x: cursor.x + 0.5, y: cursor.y + 0.5 });
      this.#click({ at, start: at, button: 0, kind: 'mouse', isAlternate, isShifted, since });
    }
  }

  /** The chosen tool if it is one of `own` and the photo is not being moved. */
  get #ownTool() {
    const { tool, isPanning } = this.store.state;
    return isPanning ? null : this.own[tool] ?? null;
  }

  #pressCorner(cursor) {
    if (!this.#corner) {
      this.#corner = cursor;
      this.app.announce('First corner set. Move to the opposite corner and press Space.');
      return;
    }
    this.#previewBox(this.#corner, cursor);
    this.#corner = null;
    this.app.session.commit();
    this.app.announce('Box set.');
  }

  #previewBox(corner, cursor) {
    const { photo } = this.store.state;
    const box = boxBetween(corner, { x: cursor.x + 1, y: cursor.y + 1 }, photo);
    if (box) this.app.session.preview(documents.setBox(this.app.session.document, box));
  }

  #hover(at) {
    const { photo, view, tool, cursor } = this.store.state;
    if (!photo || !view) return;
    if (cursor) this.store.update({ cursor: null });
    const place = toPhoto(view, at);
    const pixel = isInside(photo, place) ? pixelAt(place, photo) : null;
    this.store.update({ pointer: pixel, guide: tool === 'box' && pixel ? at : null });
    if (this.#ownTool) {
      this.element.dataset.cursor = this.#ownTool.hover(place) ?? this.#ownTool.cursor;
      return;
    }
    const hit = this.#hit(at, 'mouse');
    this.element.dataset.cursor = this.#cursorFor(hit, pixel);
    this.store.update({ grip: hit?.point?.id ?? null });
    this.#pointAt(hit ? null : pixel);
  }

  /** Previews a click, or highlights the mask that a click would take. */
  #pointAt(pixel) {
    const { tool, hoverPreview } = this.store.state;
    if (this.#ownTool) {
      this.#ownTool.hover({ x: pixel.x + 0.5, y: pixel.y + 0.5 });
    } else if (tool === 'pick') {
      this.app.session.hoverAt(null);
      this.store.update({ highlight: pixel ? this.#thingAt(pixel)?.key ?? null : null });
    } else {
      this.app.session.hoverAt(tool === 'include' && hoverPreview ? pixel : null);
    }
  }

  #leave() {
    if (!this.app.session || this.gestures.isActive) return;
    this.store.update({ pointer: null, guide: null, grip: null, highlight: null });
    this.app.session.hoverAt(null);
    this.#ownTool?.leave();
  }

  #cursorFor(hit, pixel) {
    const { tool, isPanning } = this.store.state;
    if (tool === 'pan' || isPanning) return 'grab';
    if (hit?.point) return 'pointer';
    if (hit?.edge) return 'move';
    if (hit?.handle) return ['nwse', 'ns', 'nesw', 'ew'][handleKind(hit.handle)];
    if (!pixel) return 'default';
    return tool === 'pick' ? 'pointer' : 'crosshair';
  }

  #hit(at, kind) {
    const { document, view, tool, isPanning } = this.store.state;
    if (tool === 'pan' || tool === 'pick' || isPanning || this.own[tool]) return null;
    return hitTest(document.draft, view, at, REACH[kind] ?? REACH.mouse);
  }

  #thingAt({ x, y }) {
    const mask = smallestAt(shownMasks(this.store.state), x, y);
    const object = shownObjects(this.store.state).findLast((candidate) => candidate.mask.runs.contains(x, y));
    if (object && (!mask || object.mask.area <= mask.area)) return { key: object.id, object };
    return mask && { key: mask, mask };
  }

  #grab(press) {
    const { photo, view, tool, isPanning } = this.store.state;
    if (!photo) return null;
    const { session } = this.app;
    session.hoverAt(null);
    const hit = this.#hit(press.start, press.kind);
    const before = session.document;
    const photoAt = (at) => toPhoto(view, at);
    const from = photoAt(press.start);
    if (press.button === 1 || isPanning) return this.#grabView(press);
    if (this.#ownTool) return this.#ownTool.grab(press, photoAt) ?? this.#grabView(press);
    if (hit?.point) {
      return this.#dragging((at) => {
        const { x, y } = pixelAt(photoAt(at), photo);
        return documents.movePoint(before, hit.point.id, x, y);
      });
    }
    if (hit?.handle) {
      return this.#dragging((at) => {
        const box = resizeBox(before.draft.box, hit.handle, photoAt(at), photo);
        return box && documents.setBox(before, box);
      });
    }
    if (hit?.edge) {
      return this.#dragging((at) => {
        const { x, y } = photoAt(at);
        return documents.setBox(before, moveBox(before.draft.box, x - from.x, y - from.y, photo));
      });
    }
    const drawsBox = tool === 'box' || (press.kind !== 'touch' && press.button === 0 && ['include', 'exclude'].includes(tool));
    if (!drawsBox) return this.#grabView(press);
    return this.#dragging((at) => {
      const box = boxBetween(from, photoAt(at), photo);
      return box && documents.setBox(before, box);
    });
  }

  #dragging(documentAt) {
    const { session } = this.app;
    return {
      move: (at) => {
        const document = documentAt(at);
        if (document) session.preview(document);
        this.store.update({ guide: null });
      },
      drop: () => session.commit(),
      cancel: () => session.rollback(),
    };
  }

  #grabView(press) {
    let last = press.start;
    this.element.dataset.cursor = 'grabbing';
    const move = (at) => {
      this.navigation.panBy(at.x - last.x, at.y - last.y);
      last = at;
    };
    const end = () => (this.element.dataset.cursor = 'grab');
    return { move, drop: end, cancel: end };
  }

  #click(press) {
    const { photo, view, tool, isPanning } = this.store.state;
    this.#beforeClick = null;
    if (!photo || press.button === 1 || tool === 'pan' || isPanning) return;
    const { session } = this.app;
    this.#beforeClick = session.document;
    if (this.#ownTool) {
      this.#ownTool.click(toPhoto(view, press.at), press);
      return;
    }
    const hit = this.#hit(press.at, press.kind);
    if (hit?.point) {
      // The second half of a double click must not remove the point that the first half has set.
      const { id, button, time } = this.#lastAdded;
      const isEcho = hit.point.id === id && press.button === button && press.since - time < DOUBLE_CLICK;
      if (!isEcho) session.edit((document) => documents.removePoint(document, hit.point.id), { since: press.since });
      return;
    }
    const place = toPhoto(view, press.at);
    if (!isInside(photo, place)) return;
    const pixel = pixelAt(place, photo);
    if (tool === 'pick') this.#pick(pixel, press);
    else if (tool === 'box') this.app.announce('Drag to draw a box.');
    else this.#addPoint(pixel, press);
  }

  #addPoint({ x, y }, press) {
    const { tool, info } = this.store.state;
    const { session } = this.app;
    const isExcluded = press.isAlternate || press.isShifted || tool === 'exclude';
    const most = info?.limits?.max_prompts;
    if (most && session.document.draft.points.length >= most) {
      this.app.notices.error(`The service takes at most ${most} points for an object.`, { id: 'predict' });
      return;
    }
    session.edit((document) => documents.addPoint(document, x, y, isExcluded ? 0 : 1), { since: press.since });
    this.#lastAdded = { id: session.document.draft.points.at(-1).id, button: press.button, time: press.since };
    this.app.announce(`${isExcluded ? 'Exclude' : 'Include'} point at ${x}, ${y}.`);
  }

  #pick(pixel, { isShifted, isAlternate }) {
    this.app.pick(this.#thingAt(pixel), isShifted || isAlternate);
    this.store.update({ highlight: null });
  }

  #doubleTap(at) {
    const { session } = this.app;
    // Undoes the point that the first tap has set.
    if (session && this.#beforeClick && session.document !== this.#beforeClick) session.undo();
    this.#beforeClick = null;
    this.navigation.toggleZoom(at);
  }
}

function handleKind({ h, v }) {
  if (h === 0) return 1;
  if (v === 0) return 3;
  return h === v ? 0 : 2;
}
