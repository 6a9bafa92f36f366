const Ahead = 8;
const ImagesPerSecond = 10; // images have no rate of their own

/** Plays: a frame is shown when its picture and its masks are here; where they come too late frames are left out, so that time runs true. */
export class Player {
  #request = 0;
  #start = null;
  speed = 1;

  /** @param {import('../model/session.js').Session} session @param {(isPlaying: boolean) => void} changed */
  constructor(session, changed) {
    Object.assign(this, { session, changed });
  }

  get isPlaying() {
    return this.#request !== 0;
  }

  toggle() {
    if (this.isPlaying) this.stop();
    else this.play();
  }

  play() {
    const { session } = this;
    if (session.count < 2) return;
    if (session.frame === session.count - 1) session.seek(0);
    this.#start = null;
    this.#request = requestAnimationFrame(time => this.#tick(time));
    this.changed(true);
  }

  stop() {
    if (!this.isPlaying) return;
    cancelAnimationFrame(this.#request);
    this.#request = 0;
    this.changed(false);
  }

  setSpeed(speed) {
    this.speed = speed;
    this.#start = null;
  }

  #tick(time) {
    const { session } = this;
    const rate = (session.project.frames.framesPerSecond ?? ImagesPerSecond) * this.speed;
    this.#start ??= { time, frame: session.frame };
    const due = Math.min(session.count - 1, this.#start.frame + Math.floor((time - this.#start.time) / 1000 * rate));
    session.pictures.expect(this.#range(due));
    session.masks.expect(this.#range(due));
    if (due > session.frame && this.#isHere(due)) session.seek(due);
    else if (due - session.frame > rate) this.#start = { time, frame: session.frame + 1 }; // a second behind: wait for what is missing
    if (session.frame === session.count - 1) {
      this.stop();
      return;
    }
    this.#request = requestAnimationFrame(next => this.#tick(next));
  }

  #isHere(frame) {
    return this.session.pictures.here(frame) && this.session.masks.here(frame);
  }

  #range(frame) {
    return Array.from({ length: Math.min(Ahead, this.session.count - frame) }, (_, i) => frame + i);
  }
}
