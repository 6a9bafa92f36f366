import { put } from '../api.js';
import { maskOf } from '../lib/rle.js';
import { paintLine } from './brush.js';

/** A stroke of the brush or the eraser: shown while it is drawn, an edit at its end. */
export class Stroke {
  #points = [];
  #entry = null;
  #object = null;
  #last = null;
  #before = null;
  #ready;

  /**
   * @param {import('../model/session.js').Session} session
   * @param {Promise<number>|number} object id, or one that is on its way
   * @param {{erases: boolean, size: number, changed: () => void}} how
   */
  constructor(session, object, how) {
    Object.assign(this, { session, how, frame: session.frame });
    const here = session.masks.here(this.frame);
    if (here && typeof object === 'number') {
      this.#begin(object, here);
      this.#ready = Promise.resolve();
    } else {
      this.#ready = Promise.all([object, session.masks.load(this.frame)]).then(([id, entry]) => this.#begin(id, session.masks.here(this.frame) ?? entry));
    }
  }

  extend(point) {
    this.#points.push(point);
    this.#paint();
  }

  /** Sends the mask. */
  async end() {
    await this.#ready;
    const { session, frame } = this;
    const mask = maskOf(this.#entry.labels, session.width, session.height, this.#object);
    await session.edits.run(() => put(`${session.path}/frames/${frame}/prompts/${this.#object}`, { mask }), { again: true });
    session.refresh();
  }

  /** As if it had never been. */
  async discard() {
    await this.#ready;
    this.#entry.labels.set(this.#before);
    this.session.masks.touch(this.#entry);
    this.how.changed();
  }

  #begin(object, entry) {
    this.#object = object;
    this.#entry = entry;
    this.#before = entry.labels.slice();
    this.#paint();
  }

  #paint() {
    if (!this.#entry) return;
    const { session, how } = this;
    const locked = new Set(session.objects.filter(object => object.locked).map(object => object.id));
    const may = how.erases ? label => label === this.#object : label => !locked.has(label);
    for (const point of this.#points) {
      paintLine(this.#entry.labels, session.width, session.height, this.#last ?? point, point, how.size, how.erases ? 0 : this.#object, may);
      this.#last = point;
    }
    this.#points = [];
    session.masks.touch(this.#entry);
    how.changed();
  }
}
