import { frameUrl } from '../api.js';
import { button, byId, el, fill, icon } from '../lib/dom.js';
import { drawStrips, RowHeight } from './strips.js';

const CellWidth = 84;

/** All frames at a glance: thumbnails, set and locked frames, a strip per object; pointers and keys go through them. */
export class Timeline {
  /** @param {import('../model/session.js').Session} session */
  constructor(session) {
    this.session = session;
    this.track = byId('track');
    this.film = byId('film');
    this.marks = byId('marks');
    this.canvas = byId('strips');
    this.head = byId('playhead');
    this.peek = byId('peek');
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.track);
    this.scheme = matchMedia('(prefers-color-scheme: dark)');
    this.onScheme = () => this.draw();
    this.scheme.addEventListener('change', this.onScheme);
    this.track.onpointerdown = event => this.#scrub(event, true);
    this.track.onpointermove = event => this.#scrub(event, false);
    this.track.onpointerleave = () => { this.peek.hidden = true; };
    this.track.onkeydown = event => this.#key(event);
    session.on('tracks objects project selected', () => this.draw());
    session.on('frame', () => this.move());
    this.draw();
  }

  close() {
    this.observer.disconnect();
    this.scheme.removeEventListener('change', this.onScheme);
  }

  draw() {
    const width = this.track.clientWidth;
    if (width === 0 || this.session.count === 0) return;
    this.#drawFilm(width);
    this.#drawMarks();
    this.#drawNames();
    this.#drawStrips(width);
    this.move();
  }

  /** Shows the frame that is shown. */
  move() {
    const { frame, count, project, locked } = this.session;
    this.head.style.left = `${(frame + 0.5) / Math.max(1, count) * 100}%`;
    this.track.setAttribute('aria-valuemax', String(Math.max(1, count)));
    this.track.setAttribute('aria-valuenow', String(frame + 1));
    const rate = project.frames.framesPerSecond;
    this.track.setAttribute('aria-valuetext', `Frame ${frame + 1} of ${count}${rate ? `, ${(frame / rate).toFixed(2)} seconds` : ''}${locked.has(frame) ? ', locked' : ''}`);
  }

  #drawFilm(width) {
    const { count, project } = this.session;
    const cells = Math.max(1, Math.min(count, Math.round(width / CellWidth)));
    const key = `${cells}/${count}`;
    if (key === this.filmKey) return;
    this.filmKey = key;
    fill(this.film, ...Array.from({ length: cells }, (_, i) => el('img', { src: frameUrl(project.id, Math.floor((i + 0.5) * count / cells), 160), alt: '', draggable: 'false' })));
  }

  #drawMarks() {
    const { count, prompts, locked } = this.session;
    const place = (node, frame) => { node.style.left = `${(frame + 0.5) / count * 100}%`; return node; };
    const edited = new Set(prompts.map(prompt => prompt.frame));
    fill(this.marks,
      ...[...edited].filter(frame => !locked.has(frame)).map(frame => place(el('span', { class: 'mark edited', title: `Set by hand in frame ${frame + 1}` }), frame)),
      ...[...locked].map(frame => place(el('span', { class: 'mark locked', title: `Frame ${frame + 1} is locked` }, icon('lock')), frame)));
  }

  #drawNames() {
    const { objects, selected } = this.session;
    fill(byId('strip-names'), ...objects.map(object => {
      const node = button({ text: object.name, class: 'strip-name', on: () => this.session.select(object.id) });
      node.setAttribute('aria-pressed', String(object.id === selected));
      return node;
    }));
  }

  #drawStrips(width) {
    const { objects, tracks, count, selected } = this.session;
    const height = Math.max(1, objects.length * RowHeight);
    this.canvas.width = Math.round(width * devicePixelRatio);
    this.canvas.height = Math.round(height * devicePixelRatio);
    this.canvas.style.height = `${objects.length * RowHeight}px`;
    const context = this.canvas.getContext('2d');
    context.scale(devicePixelRatio, devicePixelRatio);
    const style = getComputedStyle(byId('theme-probe'));
    drawStrips(context, width, { tracks, objects, count, selected }, { text: style.color, ground: style.backgroundColor, bad: style.borderTopColor });
  }

  #scrub(event, isDown) {
    const { left, width } = this.track.getBoundingClientRect();
    const frame = Math.max(0, Math.min(this.session.count - 1, Math.floor((event.clientX - left) / width * this.session.count)));
    if (isDown && event.button === 0) {
      this.track.setPointerCapture(event.pointerId);
      this.track.focus({ preventScroll: true });
    }
    if (isDown || event.buttons & 1) {
      this.session.emit('person');
      this.session.seek(frame);
    }
    this.#peek(frame, event.clientX, event.pointerType === 'touch' && !(event.buttons & 1));
  }

  #peek(frame, x, isOff) {
    this.peek.hidden = isOff || this.session.count === 0;
    const url = frameUrl(this.session.project.id, frame, 160);
    const [picture, text] = this.peek.children;
    if (picture.getAttribute('src') !== url) picture.src = url;
    text.textContent = `Frame ${frame + 1}`;
    this.peek.style.left = `${Math.max(88, Math.min(innerWidth - 88, x))}px`;
    this.peek.style.bottom = `${innerHeight - this.track.getBoundingClientRect().top - 6}px`;
  }

  #key(event) {
    const page = Math.max(1, Math.round(this.session.count / 10));
    const to = { ArrowUp: this.session.frame + 1, ArrowDown: this.session.frame - 1, PageUp: this.session.frame + page, PageDown: this.session.frame - page }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.session.seek(to);
  }
}
