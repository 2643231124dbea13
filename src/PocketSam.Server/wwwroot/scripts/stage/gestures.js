// Turns events of mouse, pen and fingers on the stage into gestures.
//
//   click, right click, tap, long press   a point, or a pick under the pointer
//   drag                                   a box, a point, a handle or the view, as `handlers.grab` decides
//   two fingers, wheel                     zoom and pan
//   double tap                             zoom

const SLOP = { mouse: 4, pen: 6, touch: 10 };
const LONG_PRESS = 500;
const DOUBLE_TAP = 300;
const DOUBLE_TAP_REACH = 30;

export class Gestures {
  #pointers = new Map();
  #press = null;
  #pinch = null;
  #lastTap = null;

  /**
   * `handlers`: hover(at), leave(), grab(press) -> { move(at), drop(), cancel() } or null, click(press), zoom(factor,
   * at), pan(dx, dy), doubleTap(at). Places are in CSS pixels from the stage's upper left corner.
   */
  constructor(element, handlers) {
    this.element = element;
    this.handlers = handlers;
    element.addEventListener('pointerdown', (event) => this.#down(event));
    element.addEventListener('pointermove', (event) => this.#move(event));
    element.addEventListener('pointerup', (event) => this.#up(event));
    element.addEventListener('pointercancel', (event) => this.#end(event));
    element.addEventListener('pointerleave', (event) => event.pointerType !== 'touch' && handlers.leave());
    element.addEventListener('contextmenu', (event) => event.preventDefault());
    element.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
  }

  get isActive() {
    return this.#press !== null || this.#pinch !== null;
  }

  /** Cancels the current gesture as if it had not begun. */
  cancel() {
    this.#dropPress((grip) => grip.cancel());
    this.#pinch = null;
  }

  #down(event) {
    if (event.target.closest('button, a, input, label')) return;
    this.element.setPointerCapture(event.pointerId);
    const at = this.#place(event);
    this.#pointers.set(event.pointerId, at);
    if (this.#pointers.size === 2) {
      this.cancel();
      this.#pinch = this.#spread();
      return;
    }
    if (this.#pointers.size > 2 || this.#press) return;
    const press = {
      id: event.pointerId,
      kind: event.pointerType,
      button: event.button,
      isShifted: event.shiftKey,
      isAlternate: event.button === 2 || event.altKey,
      start: at,
      at,
      since: event.timeStamp,
      grip: null,
      hasMoved: false,
    };
    if (event.pointerType === 'touch') press.timer = setTimeout(() => this.#longPress(press), LONG_PRESS);
    this.#press = press;
  }

  #move(event) {
    const at = this.#place(event);
    if (this.#pointers.has(event.pointerId)) this.#pointers.set(event.pointerId, at);
    if (this.#pinch) {
      this.#pinchTo(this.#spread());
    } else if (this.#press?.id === event.pointerId) {
      this.#drag(this.#press, at);
    } else if (event.pointerType !== 'touch' && this.#pointers.size === 0) {
      this.handlers.hover(at);
    }
  }

  #drag(press, at) {
    if (!press.hasMoved) {
      const slop = SLOP[press.kind] ?? SLOP.mouse;
      if (Math.hypot(at.x - press.start.x, at.y - press.start.y) <= slop) return;
      clearTimeout(press.timer);
      press.hasMoved = true;
      press.grip = this.handlers.grab(press);
    }
    press.at = at;
    press.grip?.move(at);
  }

  #up(event) {
    const press = this.#press?.id === event.pointerId ? this.#press : null;
    if (press && !press.hasMoved && !press.isSpent) {
      this.#press = null;
      clearTimeout(press.timer);
      press.since = event.timeStamp;
      if (!(press.kind === 'touch' && this.#isDoubleTap(press))) this.handlers.click(press);
    } else if (press) {
      this.#dropPress((grip) => grip.drop());
    }
    this.#forget(event);
  }

  #end(event) {
    if (this.#press?.id === event.pointerId) this.#dropPress((grip) => grip.cancel());
    this.#forget(event);
  }

  #forget(event) {
    this.#pointers.delete(event.pointerId);
    this.#pinch = this.#pointers.size >= 2 ? this.#spread() : null;
  }

  #dropPress(how) {
    const press = this.#press;
    this.#press = null;
    clearTimeout(press?.timer);
    if (press?.grip) how(press.grip);
  }

  #longPress(press) {
    press.isSpent = true;
    navigator.vibrate?.(15);
    this.handlers.click({ ...press, isAlternate: true, since: performance.now() });
  }

  #isDoubleTap(press) {
    const last = this.#lastTap;
    const isSecond = last && press.since - last.since < DOUBLE_TAP
      && Math.hypot(press.at.x - last.at.x, press.at.y - last.at.y) < DOUBLE_TAP_REACH;
    this.#lastTap = isSecond ? null : press;
    if (isSecond) this.handlers.doubleTap(press.at);
    return isSecond;
  }

  #pinchTo(now) {
    const before = this.#pinch;
    this.#pinch = now;
    this.handlers.pan(now.center.x - before.center.x, now.center.y - before.center.y);
    this.handlers.zoom(now.distance / before.distance, now.center);
  }

  #spread() {
    const [a, b] = this.#pointers.values();
    return {
      center: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 },
      distance: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)),
    };
  }

  #wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 33;
    if (event.shiftKey) {
      this.handlers.pan(-(event.deltaX || event.deltaY) * lines, 0);
      return;
    }
    // Browsers report a pinch on a touch pad as a wheel with Ctrl and small steps.
    const speed = event.ctrlKey ? 0.01 : 0.0016;
    const step = Math.max(-240, Math.min(240, event.deltaY * lines));
    this.handlers.zoom(Math.exp(-step * speed), this.#place(event));
  }

  #place(event) {
    const bounds = this.element.getBoundingClientRect();
    return { x: event.clientX - bounds.left, y: event.clientY - bounds.top };
  }
}
