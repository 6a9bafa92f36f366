import { patch } from '../api.js';
import { byId, plural, setIcon } from '../lib/dom.js';
import { step } from '../model/actions.js';

const Edits = {
  'object.add': 'an object', 'object.change': 'a change of an object', 'object.delete': 'a deletion', 'prompt.set': 'a mask', 'prompt.remove': 'a mask taken back',
  'frame.lock': 'a lock', 'frame.unlock': 'an unlocking', track: 'a tracking',
};

/** The bar at the top of an open project: its name, undo and redo, and whether all is saved. */
export class Header {
  /**
   * @param {import('../model/session.js').Session} session
   * @param {import('../tools/draft.js').Draft} draft
   * @param {(work: () => Promise<any>) => Promise<boolean>} attempt
   */
  constructor(session, draft, attempt) {
    Object.assign(this, { session, draft, attempt });
    byId('undo').onclick = () => this.undo();
    byId('redo').onclick = () => this.redo();
    const name = byId('project-name');
    name.disabled = !session.mayEdit;
    name.onchange = () => this.#rename(name.value.trim());
    name.onkeydown = event => {
      if (event.key === 'Escape') name.value = session.project.name;
      if (event.key === 'Escape' || event.key === 'Enter') name.blur();
    };
    session.on('project', () => this.update());
    session.on('connection waiting', () => this.#state());
    this.update();
    this.#state();
  }

  /** Undoes a point that is tried out, else the last edit. */
  undo() {
    if (this.draft.isOpen) this.draft.undo();
    else this.#step('undo');
  }

  redo() {
    if (this.draft.canRedo) this.draft.redo();
    else this.#step('redo');
  }

  update() {
    const { session, draft } = this;
    const { project } = session;
    const name = byId('project-name');
    if (document.activeElement !== name) name.value = project.name;
    document.title = `${project.name} · HqTrack`;
    byId('undo').disabled = !session.mayEdit || !(project.canUndo || draft.isOpen || session.edits.waiting > 0);
    byId('redo').disabled = !session.mayEdit || !(project.canRedo || draft.canRedo);
  }

  #step(way) {
    if (!this.session.mayEdit) return;
    this.attempt(async () => {
      const { edit } = await step(this.session, way);
      byId('announce').textContent = `${way === 'undo' ? 'Undone' : 'Brought back'}: ${Edits[edit] ?? 'an edit'}.`;
    });
  }

  async #rename(name) {
    const { session } = this;
    if (name && name !== session.project.name) await this.attempt(() => session.edits.run(() => patch(session.path, { name }), { again: true }));
    session.refresh();
  }

  #state() {
    const { session } = this;
    const waiting = session.edits.waiting;
    const isUp = session.live.isUp;
    const state = byId('saved');
    state.dataset.state = !isUp ? 'away' : waiting > 0 ? 'saving' : 'saved';
    setIcon(state, !isUp ? 'away' : waiting > 0 ? 'saving' : 'saved');
    state.querySelector('span').textContent = !isUp ? waiting > 0 ? `Reconnecting; ${plural(waiting, 'edit')} kept` : 'Reconnecting' : waiting > 0 ? 'Saving' : 'Saved';
    this.update();
  }
}
