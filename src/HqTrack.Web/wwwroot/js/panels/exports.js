import { get, post, remove } from '../api.js';
import { button, byId, bytes, el, fill } from '../lib/dom.js';
import { attempt } from '../lib/line.js';

const Names = {
  masks: 'Indexed PNG (DAVIS)', binary: 'Binary PNG', rgba: 'Cut-outs', overlay: 'Overlay pictures', 'overlay-video': 'Overlay video', coco: 'COCO JSON', ytvos: 'YouTube-VOS',
  mots: 'MOTS text', vot: 'VOT', cvat: 'CVAT', labelstudio: 'Label Studio', csv: 'CSV table',
};
const when = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const PollMilliseconds = 1500;

/** The dialog that makes files of a project, in every format the server offers, and lists those made before. */
export class ExportDialog {
  #wanted = new Set();
  #timer = null;

  /** @param {import('../model/session.js').Session} session */
  constructor(session) {
    this.session = session;
    this.dialog = byId('export-dialog');
    this.line = byId('export-line');
    byId('export').onclick = () => this.open();
    byId('export-start').onclick = () => this.#start();
    this.dialog.onclose = () => clearTimeout(this.#timer);
    session.on('export', () => this.dialog.open && this.#list());
    byId('export-start').hidden = !session.mayEdit;
    fill(byId('formats'), ...session.info.formats.map(({ name, summary }, i) => el('label', { class: 'format' },
      el('input', { type: 'radio', name: 'format', value: name, checked: i === 0 }),
      el('span', {}, el('strong', {}, Names[name] ?? name), summary !== Names[name] && el('span', { class: 'format-about' }, summary.charAt(0).toUpperCase() + summary.slice(1))))));
  }

  open() {
    this.dialog.showModal();
    this.#list();
  }

  #start() {
    return attempt(this.line, async () => {
      const format = this.dialog.querySelector('[name=format]:checked').value;
      const made = await post(`${this.session.path}/exports`, { format });
      this.#wanted.add(made.id);
      await this.#list();
    });
  }

  #list() {
    return attempt(this.line, async () => {
      const exports = await get(`${this.session.path}/exports`);
      fill(byId('export-list'), ...exports.map(entry => this.#row(entry)));
      byId('no-exports').hidden = exports.length > 0;
      for (const entry of exports) {
        if (entry.state !== 'done' || !this.#wanted.delete(entry.id)) continue;
        el('a', { href: this.#file(entry), download: entry.file }).click();
      }
      clearTimeout(this.#timer);
      if (this.dialog.open && exports.some(entry => entry.state === 'running')) this.#timer = setTimeout(() => this.#list(), PollMilliseconds);
    });
  }

  #file(entry) {
    return `/api${this.session.path}/exports/${entry.id}/file`;
  }

  #row(entry) {
    const name = Names[entry.format] ?? entry.format;
    const isOld = entry.revision < this.session.project.revision;
    const state = { running: 'Being made', failed: entry.error, done: `${bytes(entry.bytes)}${isOld ? ', before the latest edits' : ''}` }[entry.state];
    return el('li', { class: `export-row ${entry.state}`, data: { state: entry.state, format: entry.format } },
      el('span', { class: 'export-what' }, el('strong', {}, name), el('span', {}, `${when.format(new Date(entry.at))} · ${state}`)),
      entry.state === 'running' && el('progress', { 'aria-label': `Making ${name}` }),
      entry.state === 'done' && el('a', { class: 'button', href: this.#file(entry), download: entry.file, 'aria-label': `Download ${name}` }, 'Download'),
      this.session.mayEdit && entry.state !== 'running' && button({ icon: 'trash', label: `Delete the export ${name}`, class: 'icon-button small', on: () => attempt(this.line, async () => {
        await remove(`${this.session.path}/exports/${entry.id}`);
        await this.#list();
      }) }));
  }
}
