import { frameUrl } from '../api.js';

const Kept = 48;

/** Frames as decoded pictures; those shown last are kept. */
export class Pictures {
  #project;
  #width;
  #entries = new Map();

  /** @param {number} width of the project's frames */
  constructor(project, width) {
    this.#project = project;
    this.#width = width > 1920 ? 1920 : null;
  }

  /** The picture, if it is here. @returns {ImageBitmap|null} */
  here(frame) {
    return this.#entries.get(frame)?.bitmap ?? null;
  }

  /** The picture. @returns {Promise<ImageBitmap>} */
  load(frame) {
    const known = this.#entries.get(frame);
    if (known) {
      this.#entries.delete(frame);
      this.#entries.set(frame, known);
      return known.promise;
    }
    const entry = { bitmap: null, promise: null };
    entry.promise = this.#fetch(frame).then(bitmap => (entry.bitmap = bitmap));
    entry.promise.catch(() => this.#entries.delete(frame));
    this.#entries.set(frame, entry);
    for (const [old, gone] of this.#entries) {
      if (this.#entries.size <= Kept) break;
      this.#entries.delete(old);
      gone.promise.then(bitmap => bitmap.close(), () => {});
    }
    return entry.promise;
  }

  /** Loads what is likely to be shown next. */
  expect(frames) {
    for (const frame of frames) if (!this.#entries.has(frame)) this.load(frame).catch(() => {});
  }

  async #fetch(frame) {
    const response = await fetch(frameUrl(this.#project, frame, this.#width));
    if (!response.ok) throw new Error(`frame ${frame}: ${response.status}`);
    return createImageBitmap(await response.blob());
  }
}
