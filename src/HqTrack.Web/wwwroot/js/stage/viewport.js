const MaxScale = 40;

/** Where the frame lies on the stage: screen = frame * scale + offset, in CSS pixels. */
export class Viewport {
  scale = 1;
  x = 0;
  y = 0;
  #isFitted = true;

  constructor(frame) {
    this.frame = frame;
    this.stage = { width: 1, height: 1 };
  }

  /** The stage has another size. A fitted frame stays fitted; otherwise what is in the middle stays there. */
  resize(width, height) {
    const old = this.stage;
    this.stage = { width, height };
    if (this.#isFitted) {
      this.fit();
      return;
    }
    this.x += (width - old.width) / 2;
    this.y += (height - old.height) / 2;
    this.#hold();
  }

  /** The whole frame, in the middle. */
  fit() {
    this.scale = this.#fitScale();
    this.x = (this.stage.width - this.frame.width * this.scale) / 2;
    this.y = (this.stage.height - this.frame.height * this.scale) / 2;
    this.#isFitted = true;
  }

  /** Zooms by a factor; the point under x, y (stage) stays under it. */
  zoom(factor, x = this.stage.width / 2, y = this.stage.height / 2) {
    const scale = Math.max(this.#fitScale() / 2, Math.min(MaxScale, this.scale * factor));
    this.x = x - (x - this.x) * scale / this.scale;
    this.y = y - (y - this.y) * scale / this.scale;
    this.scale = scale;
    this.#isFitted = false;
    this.#hold();
  }

  pan(x, y) {
    this.x += x;
    this.y += y;
    this.#isFitted = false;
    this.#hold();
  }

  /** From the stage to the frame; 0, 0 is the first pixel's upper left corner. */
  toFrame(x, y) {
    return { x: (x - this.x) / this.scale, y: (y - this.y) / this.scale };
  }

  // Some of the frame stays in sight.
  #hold() {
    const keep = 60;
    this.x = Math.max(keep - this.frame.width * this.scale, Math.min(this.stage.width - keep, this.x));
    this.y = Math.max(keep - this.frame.height * this.scale, Math.min(this.stage.height - keep, this.y));
  }

  #fitScale() {
    const margin = this.stage.width > 600 ? 16 : 0;
    return Math.max(0.01, Math.min((this.stage.width - margin) / this.frame.width, (this.stage.height - margin) / this.frame.height));
  }
}
