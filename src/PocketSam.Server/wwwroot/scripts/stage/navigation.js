// Zoom and pan of the stage.

import { fit, keepInSight, pan, zoomAt } from '../model/viewport.js';

const CLOSER = 2.5;
const AIR = 1.25;

export class Navigation {
  #isFitted = true;

  constructor(store) {
    this.store = store;
    store.watch(['stage', 'photo'], (state, previous) => this.#settle(state, previous));
  }

  zoomBy(factor, at = this.#middle) {
    this.#change((view, stage, photo) => zoomAt(view, factor, at, stage, photo));
  }

  panBy(dx, dy) {
    this.#change((view, stage, photo) => pan(view, dx, dy, stage, photo));
  }

  /** Shows one photo pixel on one device pixel. */
  actualSize() {
    const at = this.#middle;
    this.#change((view, stage, photo) => zoomAt(view, 1 / (stage.ratio * view.scale), at, stage, photo));
  }

  fit() {
    this.#change((view, stage, photo) => fit(stage, photo, marginOf(stage)));
    this.#isFitted = true;
  }

  /** Shows a box of the photo as large as possible, with some space around it. */
  show([x0, y0, x1, y1]) {
    this.#change((view, stage, photo) => {
      const { x, y } = marginOf(stage);
      const around = { width: (x1 - x0) * AIR, height: (y1 - y0) * AIR };
      const { scale } = fit(stage, around, { x, y });
      return keepInSight({
        scale, x: stage.width / 2 - ((x0 + x1) / 2) * scale, y: stage.height / 2 - ((y0 + y1) / 2) * scale,
      }, stage, photo);
    });
  }

  toggleZoom(at) {
    if (this.#isFitted) this.zoomBy(CLOSER, at);
    else this.fit();
  }

  get #middle() {
    const { stage } = this.store.state;
    return { x: stage.width / 2, y: stage.height / 2 };
  }

  #change(next) {
    const { view, stage, photo } = this.store.state;
    if (!view || !photo) return;
    this.#isFitted = false;
    this.store.update({ view: next(view, stage, photo) });
  }

  /** Fits a new photo into the stage; when the stage changes its size, keeps the centre of the view. */
  #settle({ stage, photo, view }, previous) {
    if (!photo || !stage.width) return;
    if (photo !== previous.photo) this.#isFitted = view === null;
    if (!view || this.#isFitted) {
      this.store.update({ view: fit(stage, photo, marginOf(stage)) });
      this.#isFitted = true;
    } else if (previous.stage?.width) {
      const dx = (stage.width - previous.stage.width) / 2;
      const dy = (stage.height - previous.stage.height) / 2;
      this.store.update({ view: keepInSight({ ...view, x: view.x + dx, y: view.y + dy }, stage, photo) });
    }
  }
}

/** Margins for the controls over the stage: tools at the left on a wide page, bars above and below on a narrow one. */
function marginOf(stage) {
  const isNarrow = matchMedia('(max-width: 820px)').matches;
  return isNarrow && stage.height > 240 ? { x: 8, y: 64 } : { x: 76, y: 20 };
}
