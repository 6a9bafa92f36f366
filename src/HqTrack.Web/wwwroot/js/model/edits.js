import { ApiError } from '../api.js';

const RetryMilliseconds = 1500;

/**
 * Sends edits one after the other. An edit that may be sent twice (setting a mask, a name, a lock) waits for a server that is away and is sent again;
 * others fail at once and say so.
 */
export class Edits {
  #tail = Promise.resolve();
  #waiting = 0;
  #changed;

  /** @param {(waiting: number) => void} changed told how many edits are not acknowledged yet */
  constructor(changed) {
    this.#changed = changed;
  }

  get waiting() {
    return this.#waiting;
  }

  /**
   * @template T
   * @param {() => Promise<T>} edit
   * @param {{again?: boolean}} [options] again: it does the same when it is sent twice
   * @returns {Promise<T>}
   */
  run(edit, { again = false } = {}) {
    this.#count(1);
    const result = this.#tail.then(() => this.#try(edit, again));
    this.#tail = result.catch(() => {}).then(() => this.#count(-1));
    return result;
  }

  async #try(edit, again) {
    for (; ;) {
      try {
        return await edit();
      } catch (e) {
        const passes = e instanceof ApiError && (e.isOffline || e.code === 'too-fast');
        if (!again || !passes) throw e;
        await new Promise(resolve => setTimeout(resolve, RetryMilliseconds));
      }
    }
  }

  #count(step) {
    this.#waiting += step;
    this.#changed(this.#waiting);
  }
}
