/** Tells listeners by topic. A listener that fails does not keep the others from hearing. */
export class Emitter {
  #listeners = new Map();

  /** Listens to topics, several with a space between; gives back how to stop. */
  on(topics, listener) {
    for (const topic of topics.split(' ')) {
      if (!this.#listeners.has(topic)) this.#listeners.set(topic, new Set());
      this.#listeners.get(topic).add(listener);
    }
    return () => topics.split(' ').forEach(topic => this.#listeners.get(topic).delete(listener));
  }

  emit(topic, value) {
    for (const listener of this.#listeners.get(topic) ?? []) {
      try {
        listener(value);
      } catch (e) {
        reportError(e);
      }
    }
  }
}
