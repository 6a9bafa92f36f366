const WheelStep = 1.0015;

/** Pointers, wheel and pinch on the stage: they pan, zoom, or go to the tool. */
export class Pointer {
  #fingers = new Map();
  #panning = false;
  #drawing = false;
  #listening = new AbortController();

  /** @param {import('./stage.js').Stage} stage @param {import('../tools/toolbox.js').Toolbox} toolbox */
  constructor(stage, toolbox) {
    Object.assign(this, { stage, toolbox });
    const { canvas } = stage;
    const listen = (name, handler, options) => canvas.addEventListener(name, handler, { ...options, signal: this.#listening.signal });
    listen('pointerdown', event => this.#down(event));
    listen('pointermove', event => this.#move(event));
    listen('pointerup', event => this.#up(event));
    listen('pointercancel', event => this.#up(event, true));
    listen('pointerleave', () => this.#drawing || toolbox.leave());
    listen('contextmenu', event => event.preventDefault());
    listen('wheel', event => this.#wheel(event), { passive: false });
  }

  close() {
    this.#listening.abort();
  }

  // Not offsetX: parts of a coalesced event do not carry it in every browser.
  #on({ clientX, clientY }) {
    const { left, top } = this.stage.canvas.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  #at(event) {
    const { x, y } = this.#on(event);
    return this.stage.viewport.toFrame(x, y);
  }

  #down(event) {
    const { canvas } = this.stage;
    canvas.setPointerCapture(event.pointerId);
    canvas.focus({ preventScroll: true });
    this.#fingers.set(event.pointerId, this.#on(event));
    if (this.#fingers.size === 2) { // a second finger: what the first began was no drawing
      if (this.#drawing) this.toolbox.cancel();
      this.#drawing = false;
      this.#panning = true;
    } else if (event.button === 1 || this.toolbox.name === 'move') {
      this.#panning = true;
      event.preventDefault();
    } else if (event.button === 0 || event.button === 2) {
      this.#drawing = true;
      this.toolbox.down(this.#at(event), event.button === 2 || event.altKey);
    }
    this.stage.canvas.classList.toggle('panning', this.#panning);
  }

  #move(event) {
    const before = this.#fingers.get(event.pointerId);
    if (this.#panning && before) {
      this.#drag(event, before);
    } else {
      for (const part of this.#drawing ? event.getCoalescedEvents?.() ?? [event] : [event]) this.toolbox.move(this.#at(part));
    }
    if (before) this.#fingers.set(event.pointerId, this.#on(event));
  }

  #drag(event, before) {
    const now = this.#on(event);
    const { viewport } = this.stage;
    const other = [...this.#fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const spread = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
      viewport.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
      viewport.zoom(spread(now, other) / Math.max(1, spread(before, other)), (now.x + other.x) / 2, (now.y + other.y) / 2);
    } else {
      viewport.pan(now.x - before.x, now.y - before.y);
    }
    this.stage.draw();
  }

  #up(event, isCancelled = false) {
    this.#fingers.delete(event.pointerId);
    if (this.#drawing) {
      if (isCancelled) this.toolbox.cancel();
      else this.toolbox.up(this.#at(event));
    }
    this.#drawing = false;
    if (this.#fingers.size === 0) this.#panning = false;
    this.stage.canvas.classList.toggle('panning', this.#panning);
  }

  #wheel(event) {
    event.preventDefault();
    const { viewport } = this.stage;
    const { x, y } = this.#on(event);
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    if (event.shiftKey) viewport.pan(-(event.deltaX || event.deltaY) * unit, 0);
    else viewport.zoom(WheelStep ** (-event.deltaY * unit * (event.ctrlKey ? 6 : 1)), x, y); // ctrl: a pinch on a touch pad
    this.stage.draw();
  }
}
