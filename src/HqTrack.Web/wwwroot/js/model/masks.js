import { send } from '../api.js';
import { paintMask } from '../lib/rle.js';

const Kept = 96;

/**
 * What is known of the objects in frames: an id per pixel, and how sure the tracker is. A frame that has become old is shown until the new one is here.
 * @typedef {{labels: Uint8Array, objects: {object: number, area: number, confidence: number, source: string}[], tag: string|null, old: boolean, version: number}} FrameMasks
 */
export class Masks {
  #project;
  #size;
  #entries = new Map();
  #asked = new Map();
  #version = 0;
  #ages = 0;

  constructor(project, width, height) {
    this.#project = project;
    this.#size = { width, height };
  }

  /** What is here, old or not. @returns {FrameMasks|null} */
  here(frame) {
    return this.#entries.get(frame) ?? null;
  }

  /** Everything may have changed. */
  age() {
    this.#ages++;
    for (const entry of this.#entries.values()) entry.old = true;
  }

  /** Pixels were changed here ahead of the server. @param {FrameMasks} entry */
  touch(entry) {
    entry.version = ++this.#version;
    entry.tag = null;
    entry.old = true;
  }

  /** What is known now. @returns {Promise<FrameMasks>} */
  async load(frame) {
    const known = this.#entries.get(frame);
    if (known && !known.old) return known;
    if (!this.#asked.has(frame)) {
      const asking = this.#fetch(frame, known).finally(() => this.#asked.delete(frame));
      this.#asked.set(frame, asking);
    }
    return this.#asked.get(frame);
  }

  /** Loads what is likely to be shown next. */
  expect(frames) {
    for (const frame of frames) this.load(frame).catch(() => {});
  }

  async #fetch(frame, known) {
    const [version, ages] = [known?.version, this.#ages];
    if (known) known.old = false; // ages again when something changes while the answer is on its way
    let response;
    try {
      response = await send('GET', `/projects/${this.#project}/frames/${frame}/objects?masks=true`, { headers: known?.tag ? { 'If-None-Match': known.tag } : {} });
    } catch (e) {
      if (known) known.old = true;
      throw e;
    }
    if (response.status === 304) {
      known.old ||= this.#ages !== ages;
      return known;
    }
    const objects = await response.json();
    if (known && known.version !== version) return known; // painted over in the meantime; it is asked for again then
    const labels = new Uint8Array(this.#size.width * this.#size.height);
    for (const entry of objects) {
      if (entry.mask) paintMask(entry.mask, labels, entry.object);
      entry.mask = null;
    }
    const entry = { labels, objects, tag: response.headers.get('ETag'), old: this.#ages !== ages, version: ++this.#version };
    this.#entries.delete(frame);
    this.#entries.set(frame, entry);
    if (this.#entries.size > Kept) this.#entries.delete(this.#entries.keys().next().value);
    return entry;
  }
}
