import { lockFrame, makeObject, setObject } from '../model/actions.js';
import { Emitter } from '../lib/emitter.js';
import { Stroke } from './stroke.js';

export const Tools = [
  { name: 'move', icon: 'hand', label: 'Move the picture', keys: 'V' },
  { name: 'point', icon: 'point', label: 'Click on an object', keys: 'C', refines: true },
  { name: 'box', icon: 'box', label: 'Box around an object', keys: 'R', refines: true },
  { name: 'brush', icon: 'brush', label: 'Brush', keys: 'B' },
  { name: 'eraser', icon: 'eraser', label: 'Eraser', keys: 'E' },
];

const SmallestBox = 2;

/** The tool in hand and what it does. Topics: `tool`, `size`, `sign`. */
export class Toolbox extends Emitter {
  name = 'move';
  size = 24;
  positive = true;
  #stroke = null;
  #corner = null;

  /**
   * @param {import('../model/session.js').Session} session
   * @param {import('../stage/stage.js').Stage} stage
   * @param {(text: string|null, options?: any) => void} say one line near the stage
   */
  constructor(session, stage, draft, say) {
    super();
    Object.assign(this, { session, stage, draft, say });
  }

  get tool() {
    return Tools.find(tool => tool.name === this.name);
  }

  get isBusy() {
    return this.#stroke !== null || this.#corner !== null;
  }

  choose(name) {
    this.cancel();
    this.name = name;
    this.stage.ring = null;
    this.emit('tool');
    const missing = this.session.info.refiner.missing;
    if (this.tool.refines && missing) this.#explain(missing);
    else this.say(null);
    this.stage.draw();
  }

  resize(size) {
    this.size = Math.max(1, Math.min(300, Math.round(size)));
    if (this.stage.ring) this.stage.ring.size = this.size;
    this.emit('size');
    this.stage.draw();
  }

  setSign(positive) {
    this.positive = positive;
    this.emit('sign');
  }

  /** The tool goes down at a point of the frame. @param {boolean} other the other sign for this once */
  down(point, other) {
    if (!this.#mayDraw()) return;
    if (this.name === 'point') this.#point(point, other ? !this.positive : this.positive);
    else if (this.name === 'box') this.#corner = point;
    else if (this.name === 'brush' || this.name === 'eraser') this.#paint(point, (this.name === 'eraser') !== other);
  }

  move(point) {
    const isBrush = this.name === 'brush' || this.name === 'eraser';
    this.stage.ring = isBrush ? { ...point, size: this.size } : null;
    this.#stroke?.extend(point);
    if (this.#corner) this.stage.rubber = this.#between(this.#corner, point);
    if (isBrush || this.#corner) this.stage.draw();
  }

  up(point) {
    if (this.#stroke) {
      const stroke = this.#stroke;
      this.#stroke = null;
      this.#report(stroke.end());
    }
    if (this.#corner) {
      const box = this.#between(this.#corner, point);
      this.#corner = this.stage.rubber = null;
      if (box.width >= SmallestBox && box.height >= SmallestBox) this.#prompt({ box });
      this.stage.draw();
    }
  }

  /** What was begun is given up. */
  cancel() {
    this.#corner = this.stage.rubber = null;
    const stroke = this.#stroke;
    this.#stroke = null;
    if (stroke) this.#report(stroke.discard());
    this.stage.draw();
  }

  leave() {
    this.stage.ring = null;
    this.stage.draw();
  }

  #mayDraw() {
    const { session } = this;
    const missing = session.info.refiner.missing;
    if (this.name === 'move' || session.count === 0) return false;
    if (!session.mayEdit) this.say('You may look at this project and not change it: your token has the role “read”.');
    else if (this.tool.refines && missing) this.#explain(missing);
    else if (session.locked.has(session.frame)) this.say(`Frame ${session.frame + 1} is locked.`, { kind: 'hint', action: { text: 'Unlock it', on: () => this.#report(lockFrame(session, session.frame, false)) } });
    else if (session.object?.locked) this.say(`${session.object.name} is locked.`, { kind: 'hint', action: { text: 'Unlock it', on: () => this.#report(setObject(session, session.selected, { locked: false })) } });
    else return true;
    return false;
  }

  #explain(missing) {
    this.say('Clicks and boxes wait for the weights of a network that are not on this server yet. Brush and eraser work without them.',
      { kind: 'hint', action: { text: 'How to get them', on: () => this.say(missing.charAt(0).toUpperCase() + missing.slice(1), { kind: 'hint' }) } });
  }

  #point({ x, y }, positive) {
    const { width, height } = this.session;
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    this.#prompt({ point: { x: Math.floor(x), y: Math.floor(y), positive } });
  }

  async #prompt(what) {
    await this.#report((async () => this.draft.add(this.session.selected ?? await makeObject(this.session), what))());
  }

  #paint(point, erases) {
    const { session } = this;
    if (erases && session.selected === null) return;
    this.draft.discard();
    this.say(null);
    this.#stroke = new Stroke(session, session.selected ?? makeObject(session), { erases, size: this.size, changed: () => this.stage.draw() });
    this.#stroke.extend(point);
  }

  #between(a, b) {
    const { width, height } = this.session;
    const clamp = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
    const [x, y] = [clamp(Math.min(a.x, b.x), width), clamp(Math.min(a.y, b.y), height)];
    return { x, y, width: clamp(Math.max(a.x, b.x), width) - x, height: clamp(Math.max(a.y, b.y), height) - y };
  }

  async #report(work) {
    try {
      await work;
    } catch (e) {
      this.say(e.message);
      this.session.refresh();
    }
  }
}
