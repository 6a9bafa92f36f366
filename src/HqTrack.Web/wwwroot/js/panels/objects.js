import { button, byId, el, fill, percent } from '../lib/dom.js';
import { confirmed } from '../lib/ask.js';
import { attempt } from '../lib/line.js';
import { deleteObject, deletePrompt, makeObject, setObject } from '../model/actions.js';

const Sources = { tracked: 'Tracked', prompt: 'Set by hand', locked: 'Locked frame' };

/** The objects: choose, name, colour, lock, hide, delete, and what they are in the frame that is shown. */
export class ObjectsPanel {
  /** @param {import('../model/session.js').Session} session */
  constructor(session) {
    this.session = session;
    this.list = byId('objects');
    this.line = byId('objects-line');
    this.rows = new Map();
    byId('add-object').onclick = () => attempt(this.line, () => makeObject(session));
    byId('add-object').hidden = !session.mayEdit;
    session.on('objects', () => this.draw());
    session.on('frame masks selected tracks', () => this.update());
    this.draw();
  }

  draw() {
    const { session } = this;
    const key = JSON.stringify(session.objects.map(({ revision, ...rest }) => rest));
    if (key !== this.key) {
      this.key = key;
      const focused = document.activeElement?.closest?.('#objects [data-part]')?.dataset.part;
      this.rows.clear();
      fill(this.list, ...session.objects.map((object, i) => this.#row(object, i)));
      if (focused) this.list.querySelector(`[data-part="${focused}"]`)?.focus();
      byId('no-objects').hidden = session.objects.length > 0;
    }
    this.update();
  }

  /** What changes from frame to frame. */
  update() {
    const { session } = this;
    const here = new Map(session.masks.here(session.frame)?.objects.map(entry => [entry.object, entry]));
    for (const [id, { row, choose, state, clear }] of this.rows) {
      const entry = here.get(id);
      const prompt = session.prompt(session.frame, id);
      choose.setAttribute('aria-pressed', String(id === session.selected));
      row.classList.toggle('chosen', id === session.selected);
      state.textContent = !entry ? 'Nothing here yet' : entry.source === 'tracked' ? entry.area === 0 ? 'Not visible here' : `Tracked, ${percent(entry.confidence)} sure` : Sources[entry.source];
      state.classList.toggle('unsure', entry?.source === 'tracked' && entry.confidence < 0.6);
      clear.hidden = !prompt || !session.mayEdit || session.locked.has(session.frame);
    }
  }

  #row(object, index) {
    const { session } = this;
    const { id, name } = object;
    const set = change => attempt(this.line, () => setObject(session, id, change));
    const part = (kind, node) => { node.dataset.part = `${kind}${id}`; return node; };
    const toggle = (kind, isOn, icons, labels) => {
      const node = part(kind, button({ icon: icons[isOn ? 1 : 0], label: `${labels} ${name}`, class: 'icon-button small', on: () => set({ [kind]: !isOn }) }));
      node.setAttribute('aria-pressed', String(isOn));
      node.disabled = !session.mayEdit;
      return node;
    };
    const color = part('color', el('input', { type: 'color', value: object.color, 'aria-label': `Colour of ${name}`, title: 'Colour', disabled: !session.mayEdit, on: { change: event => set({ color: event.target.value }) } }));
    const field = part('name', el('input', {
      type: 'text', class: 'object-name', value: name, maxlength: '200', 'aria-label': `Name of object ${id}`, disabled: !session.mayEdit, autocomplete: 'off', spellcheck: 'false',
      on: {
        focus: () => session.select(id),
        keydown: event => { if (event.key === 'Enter') event.target.blur(); if (event.key === 'Escape') { event.target.value = name; event.target.blur(); } },
        change: event => event.target.value.trim() ? set({ name: event.target.value.trim() }) : (event.target.value = name),
      },
    }));
    const choose = part('choose', button({ icon: 'target', label: `Choose ${name}`, keys: index < 9 ? String(index + 1) : undefined, class: 'icon-button small choose', on: () => session.select(id) }));
    const state = el('span', { class: 'object-state' });
    const clear = part('clear', button({ text: 'Take back', label: `Take back what was set for ${name} in this frame`, class: 'link', on: () => attempt(this.line, () => deletePrompt(session, session.frame, id)) }));
    const row = el('li', { class: 'object', data: { object: id }, on: { click: event => { if (event.target === row || event.target === state) session.select(id); } } },
      choose, color, field,
      toggle('hidden', object.hidden, ['eye', 'eye-off'], 'Hide'),
      toggle('locked', object.locked, ['unlock', 'lock'], 'Lock'),
      session.mayEdit && part('delete', button({ icon: 'trash', label: `Delete ${name}`, class: 'icon-button small', on: () => this.#delete(object) })),
      el('div', { class: 'object-about' }, state, clear));
    this.rows.set(id, { row, choose, state, clear });
    return row;
  }

  async #delete({ id, name }) {
    if (await confirmed(`Delete “${name}”?`, 'Its masks in every frame go with it. Undo brings them back.', 'Delete')) await attempt(this.line, () => deleteObject(this.session, id));
  }
}
