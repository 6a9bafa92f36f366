import { Emitter } from '../lib/emitter.js';

const Names = ['hello', 'revision', 'tracking', 'upload', 'export'];
const RetryMilliseconds = 1500;
const SilenceMilliseconds = 40_000; // the server says something every 15 seconds

/**
 * A project's events. Topics: those of docs/api.md with their data, and `connection` with true or false. It comes back by itself after a break, whatever
 * broke; `hello` then says to ask for everything anew.
 */
export class Live extends Emitter {
  #source = null;
  #timer = null;
  #project;
  #isUp = null;

  constructor(project) {
    super();
    this.#project = project;
    this.#open();
  }

  get isUp() {
    return this.#isUp === true;
  }

  close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  /** Tries at once, when something else saw that the server is back. */
  hurry() {
    if (!this.isUp) this.#open();
  }

  #open() {
    this.close();
    const source = new EventSource(`/api/projects/${this.#project}/events`);
    this.#source = source;
    for (const name of Names) {
      source.addEventListener(name, event => {
        this.#heard(true);
        this.emit(name, JSON.parse(event.data));
      });
    }
    source.onerror = () => {
      source.close();
      this.#heard(false);
    };
    this.#again(SilenceMilliseconds);
  }

  #heard(isUp) {
    if (isUp !== this.#isUp) {
      this.#isUp = isUp;
      this.emit('connection', isUp);
    }
    this.#again(isUp ? SilenceMilliseconds : RetryMilliseconds);
  }

  // Comments do not reach the page, so a quiet stream is opened anew now and then: that finds connections that died without a word.
  #again(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), milliseconds);
  }
}
