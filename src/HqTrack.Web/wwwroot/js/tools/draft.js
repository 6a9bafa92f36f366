import { post, put } from '../api.js';
import { paintMask } from '../lib/rle.js';

/**
 * Points and boxes of an object in a frame that are tried out: every change asks for a preview, and nothing is an edit before it is kept. `changed` is
 * called when there is something else to show, `failed` with an error.
 */
export class Draft {
  frame = null;
  object = null;
  points = [];
  boxes = [];
  /** @type {Uint8Array|null} 0 or 1 per pixel */
  mask = null;
  version = 0;
  #steps = [];
  #undone = [];
  #asking = null;
  #preview = Promise.resolve(null);

  /** @param {import('../model/session.js').Session} session */
  constructor(session, changed, failed) {
    Object.assign(this, { session, changed, failed });
  }

  get isOpen() {
    return this.object !== null;
  }

  get isWaiting() {
    return this.#asking !== null;
  }

  get canRedo() {
    return this.#undone.length > 0;
  }

  /** Adds a point, or sets the box, beside what the object's prompt in the frame has. */
  add(object, { point, box }) {
    const { session } = this;
    if (this.object !== object || this.frame !== session.frame) {
      this.discard();
      const before = session.prompt(session.frame, object);
      Object.assign(this, { object, frame: session.frame, points: before?.points ?? [], boxes: before?.boxes ?? [] });
    }
    this.#steps.push([this.points, this.boxes]);
    this.#undone = [];
    this.#show(point ? [...this.points, point] : this.points, box ? [box] : this.boxes);
  }

  undo() {
    if (this.#steps.length <= 1) {
      this.discard();
      return;
    }
    this.#undone.push([this.points, this.boxes]);
    this.#show(...this.#steps.pop());
  }

  redo() {
    if (!this.canRedo) return;
    this.#steps.push([this.points, this.boxes]);
    this.#show(...this.#undone.pop());
  }

  discard() {
    this.#asking?.abort();
    this.#forget();
  }

  /** Makes it an edit: the mask that is shown, or that is on its way. Another draft may begin meanwhile. */
  async keep() {
    if (!this.isOpen) return;
    const { session, frame, object, points, boxes } = this;
    const preview = this.#preview;
    this.#forget();
    const found = await preview;
    if (!found) return;
    const entry = session.masks.here(frame);
    if (entry) {
      const { labels } = entry;
      for (let i = 0; i < labels.length; i++) labels[i] = found.pixels[i] ? object : labels[i] === object ? 0 : labels[i];
      session.masks.touch(entry);
    }
    const kept = session.edits.run(() => put(`${session.path}/frames/${frame}/prompts/${object}`, { mask: found.mask, points, boxes }), { again: true });
    this.changed();
    await kept;
    session.refresh();
  }

  #forget() {
    Object.assign(this, { object: null, frame: null, points: [], boxes: [], mask: null });
    this.#asking = null;
    this.#steps = [];
    this.#undone = [];
    this.changed();
  }

  #show(points, boxes) {
    Object.assign(this, { points, boxes });
    this.#asking?.abort();
    const asking = this.#asking = new AbortController();
    this.#preview = this.#ask(asking).catch(e => {
      if (this.#asking === asking) {
        this.#asking = null;
        this.undo(); // what cannot be meant, or finds nothing, is taken away again
      }
      if (!asking.signal.aborted) this.failed(e);
      return null;
    });
    this.changed();
  }

  // The mask and its pixels.
  async #ask(asking) {
    const { session, points, boxes } = this;
    const { mask } = await post(`${session.path}/frames/${this.frame}/preview`, { points, boxes }, { signal: asking.signal });
    const pixels = new Uint8Array(session.width * session.height);
    paintMask(mask, pixels, 1);
    if (this.#asking === asking) {
      this.#asking = null;
      Object.assign(this, { mask: pixels, version: this.version + 1 });
      this.changed();
    }
    return { mask, pixels };
  }
}
