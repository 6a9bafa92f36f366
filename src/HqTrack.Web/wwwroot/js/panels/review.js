import { byId, el, fill, percent } from '../lib/dom.js';

const Shown = 12;
const Unsure = 0.6;
const Apart = 5; // frames nearer to one another are one place to look at
const Words = { added: 'begins', lost: 'is lost', reappeared: 'is back', occluded: 'is half hidden', clear: 'is clear again', removed: 'ends' };

/** Frames that deserve a look: where the tracker is least sure, and what happened to objects. */
export class ReviewPanel {
  #at = -1;
  #places = [];

  /** @param {import('../model/session.js').Session} session */
  constructor(session) {
    this.session = session;
    byId('next-worst').onclick = () => this.jump(1);
    session.on('tracks objects', () => this.draw());
    session.on('frame selected', () => this.mark());
    this.draw();
  }

  /** Goes to the next (1) or the one before (-1) of the frames where an object is least sure. */
  jump(step) {
    const { length } = this.#places;
    if (length === 0) return;
    this.#at = this.#at < 0 ? step > 0 ? 0 : length - 1 : (this.#at + step + length) % length;
    this.#show(this.#places[this.#at]);
  }

  draw() {
    const { events } = this.session.tracks;
    const names = new Map(this.session.objects.map(object => [object.id, object]));
    this.#places = this.#find();
    this.#at = Math.min(this.#at, this.#places.length - 1);
    fill(byId('worst'), ...this.#places.map(entry => this.#entry(entry, names.get(entry.object), this.#area(entry) === 0 ? 'not seen' : percent(entry.confidence), entry.confidence < Unsure)));
    fill(byId('events'), ...events.filter(entry => names.has(entry.object) && entry.event !== 'added').map(entry => this.#entry(entry, names.get(entry.object), Words[entry.event], entry.event === 'lost')));
    byId('no-worst').hidden = this.#places.length > 0;
    byId('no-events').hidden = byId('events').children.length > 0;
    byId('next-worst').disabled = this.#places.length === 0;
    this.mark();
  }

  mark() {
    for (const node of document.querySelectorAll('.review-entry')) {
      if (Number(node.dataset.frame) === this.session.frame) node.setAttribute('aria-current', 'true');
      else node.removeAttribute('aria-current');
    }
  }

  #entry(entry, object, text, isBad) {
    const dot = el('span', { class: 'dot' });
    dot.style.background = object.color;
    return el('li', {}, el('button', { type: 'button', class: `review-entry${isBad ? ' unsure' : ''}`, data: { frame: entry.frame }, on: { click: () => this.#show(entry) } },
      dot, el('span', { class: 'review-name' }, object.name), el('span', {}, text), el('span', { class: 'review-frame' }, `Frame ${entry.frame + 1}`)));
  }

  // The least sure frame of each stretch, of objects that are still there.
  #find() {
    const found = [];
    for (const entry of this.session.tracks.worst) {
      const isNew = !found.some(other => other.object === entry.object && this.#areOne(other, entry));
      if (isNew && found.length < Shown && this.session.objects.some(object => object.id === entry.object)) found.push(entry);
    }
    return found;
  }

  // Near to one another, or unsure all the way between.
  #areOne(a, b) {
    if (Math.abs(a.frame - b.frame) <= Apart) return true;
    const { tracks } = this.session;
    const between = tracks.objects.find(row => row.object === a.object).confidence.slice(Math.min(a.frame, b.frame) - tracks.from, Math.max(a.frame, b.frame) - tracks.from);
    return between.every(sure => sure !== null && sure < Unsure);
  }

  #area({ frame, object }) {
    const { tracks } = this.session;
    return tracks.objects.find(row => row.object === object)?.area[frame - tracks.from];
  }

  #show({ frame, object }) {
    this.session.seek(frame);
    this.session.select(object);
  }
}
