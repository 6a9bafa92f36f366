import { all, frameUrl, patch, post, remove } from '../api.js';
import { button, byId, el, fill, plural } from '../lib/dom.js';
import { attempt } from '../lib/line.js';
import { ask, confirmed } from '../lib/ask.js';

const when = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const PollMilliseconds = 2000;

/** The list of projects. */
export class ProjectList {
  #timer = null;

  /** @param {{info: any, open: (id: string) => void, loaded: (projects: any[]) => void, choose: () => void}} host */
  constructor(host) {
    this.host = host;
    this.list = byId('projects');
    this.line = byId('projects-line');
    byId('new-project').addEventListener('click', () => this.#create());
    byId('choose-files').addEventListener('click', () => host.choose());
  }

  /** Shows the list and keeps it current while it is shown. */
  async show() {
    clearTimeout(this.#timer);
    await attempt(this.line, async () => {
      const projects = await all('/projects', 100);
      const drawn = JSON.stringify(projects);
      if (drawn !== this.drawn) {
        this.drawn = drawn;
        this.#draw(projects);
      }
      this.host.loaded(projects);
    });
    clearTimeout(this.#timer);
    if (!byId('home').hidden) this.#timer = setTimeout(() => document.hidden ? this.#later() : this.show(), PollMilliseconds);
  }

  hide() {
    clearTimeout(this.#timer);
  }

  #later() {
    document.addEventListener('visibilitychange', () => !byId('home').hidden && this.show(), { once: true });
  }

  #draw(projects) {
    const isEditor = this.host.info.role !== 'read';
    const focused = document.activeElement?.closest?.('[data-project]')?.dataset.project;
    byId('empty').hidden = projects.length > 0;
    fill(this.list, ...projects.map(project => this.#card(project, isEditor)));
    if (focused) this.list.querySelector(`[data-project="${focused}"] a`)?.focus();
  }

  #card(project, isEditor) {
    const { frames, tracking } = project;
    const picture = frames.count > 0
      ? el('img', { src: frameUrl(project.id, Math.floor(frames.count / 2), 320), alt: '', loading: 'lazy', width: '320', height: '180' })
      : el('span', { class: 'no-picture' }, 'No frames yet');
    const facts = [plural(frames.count, 'frame'), plural(project.objects, 'object'), frames.count > 0 && `${frames.width} × ${frames.height}`].filter(Boolean).join(' · ');
    return el('li', { class: 'project', data: { project: project.id } },
      el('a', { href: `#/project/${project.id}`, class: 'project-link' },
        el('span', { class: 'project-picture' }, picture, tracking && el('span', { class: 'badge' }, `Tracking ${tracking.done} of ${tracking.total}`)),
        el('strong', { class: 'project-name' }, project.name)),
      el('p', { class: 'project-facts' }, facts),
      el('p', { class: 'project-facts' }, el('time', { datetime: project.created }, when.format(new Date(project.created)))),
      isEditor && el('div', { class: 'project-actions' },
        button({ icon: 'edit', label: `Rename ${project.name}`, class: 'icon-button small', on: () => this.#rename(project) }),
        this.host.info.role === 'admin' && button({ icon: 'trash', label: `Delete ${project.name}`, class: 'icon-button small', on: () => this.#delete(project) })));
  }

  async #create() {
    const name = await ask('New project', 'Name', '', 'Create');
    if (name) await attempt(this.line, async () => this.host.open((await post('/projects', { name })).id));
  }

  async #rename(project) {
    const name = await ask('Rename the project', 'Name', project.name, 'Rename');
    if (name && name !== project.name) await attempt(this.line, () => patch(`/projects/${project.id}`, { name }));
    await this.show();
  }

  async #delete(project) {
    if (!await confirmed(`Delete “${project.name}”?`, `Its ${plural(project.frames.count, 'frame')}, masks and exports are gone for good.`, 'Delete')) return;
    await attempt(this.line, () => remove(`/projects/${project.id}`));
    await this.show();
  }
}
