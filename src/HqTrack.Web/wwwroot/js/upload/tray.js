import { get, post, remove } from '../api.js';
import { button, byId, bytes, el, percent, plural } from '../lib/dom.js';
import { keep, read } from '../lib/kept.js';
import { nameOf, sort } from './files.js';
import { sendFile } from './send.js';

const Steps = {
  reading: share => `Reading ${percent(share)}`,
  sending: share => `Sending ${percent(share)}`,
  waiting: () => 'Waiting for the server',
  decoding: () => 'Making frames',
};
const GoneMilliseconds = 4000;

/** Cards in the corner that show what is on its way in, and what went wrong with it. */
export class Tray {
  /** @param {any} info of /api/info @param {(project: string) => void} open opens a project */
  constructor(info, open) {
    this.info = info;
    this.open = open;
    this.place = byId('tray');
    this.running = 0;
    addEventListener('beforeunload', event => this.running > 0 && event.preventDefault());
  }

  /**
   * Takes files in: into a project, or each video into one of its own and all images into one.
   * @param {File[]} files
   * @param {string|null} project
   */
  take(files, project) {
    const { videos, images } = sort(files.filter(file => {
      const problem = this.#problem(file);
      if (problem) this.#card(file.name).fail(problem);
      return !problem;
    }));
    if (project) {
      this.#start([...images, ...videos], project);
    } else {
      if (images.length > 0) this.#start(images, null);
      for (const video of videos) this.#start([video], null);
    }
  }

  // What can be told before anything is sent; null where nothing stands against the file.
  #problem(file) {
    const { video, limits } = this.info;
    const { videos, others } = sort([file]);
    if (others.length > 0) return 'This is neither a video nor an image that is read (JPEG, PNG, WebP, GIF).';
    if (file.size === 0) return 'The file is empty.';
    if (videos.length > 0 && !video) return 'This server takes no videos: it has no ffmpeg. Drop images instead.';
    return file.size > limits.videoBytes ? `The file has ${bytes(file.size)}, and the server takes ${bytes(limits.videoBytes)}. Cut or compress it.` : null;
  }

  async #start(files, project) {
    if (files.length === 0) return;
    const card = this.#card(files.length === 1 ? files[0].name : plural(files.length, 'file'));
    const stop = new AbortController();
    card.onCancel(() => stop.abort());
    this.running++;
    let target = project;
    let done = 0;
    try {
      target ??= await this.#projectFor(files);
      for (const file of files) {
        if (files.length > 1) card.name(`${file.name} (${done + 1} of ${files.length})`);
        const part = done;
        await sendFile(target, file, (step, share) => card.show(Steps[step](share), (part + (step === 'decoding' ? 1 : share)) / files.length), stop.signal);
        done++;
        if (done === 1 && !project) this.open(target);
      }
      keep(this.#key(files), null);
      card.finish(files.length === 1 ? 'Added' : `${plural(files.length, 'file')} added`);
    } catch (e) {
      if (target && !project && done === 0) {
        await this.#giveUp(target, files);
        target = null;
      }
      if (e.name === 'AbortError') card.close();
      else card.fail(e.message, () => this.#start(files.slice(done), target));
    } finally {
      this.running--;
    }
  }

  // The same files dropped again after a break belong to the project that was begun for them.
  async #projectFor(files) {
    const key = this.#key(files);
    const begun = read(key);
    if (begun) {
      try {
        return (await get(`/projects/${begun}`)).id;
      } catch (e) {
        if (e.status !== 404) throw e;
      }
    }
    const { id } = await post('/projects', { name: nameOf(files[0]) });
    keep(key, id);
    return id;
  }

  // A project that was begun for files of which none came in. Without the role admin it stays, empty.
  async #giveUp(project, files) {
    keep(this.#key(files), null);
    try {
      if ((await get(`/projects/${project}`)).frames.count === 0) await remove(`/projects/${project}`);
    } catch {
      // It is in the list, to be seen and deleted there.
    }
  }

  #key(files) {
    return `hqtrack.upload.${files[0].name}.${files[0].size}.${files[0].lastModified}.${files.length}`;
  }

  #card(title) {
    const name = el('strong', { class: 'card-name' }, title);
    const text = el('span', { class: 'card-state', role: 'status' }, 'Waiting');
    const bar = el('progress', { max: '1', value: '0', 'aria-label': `Progress of ${title}` });
    let cancel = () => {};
    const close = button({ icon: 'close', label: `Cancel ${title}`, class: 'icon-button small', on: () => { cancel(); card.remove(); } });
    const card = el('li', { class: 'card' }, el('div', { class: 'card-head' }, name, close), bar, text);
    this.place.append(card);
    return {
      name: value => { name.textContent = value; },
      onCancel: value => { cancel = value; },
      close: () => card.remove(),
      show: (state, share) => { text.textContent = state; bar.value = share; },
      finish: state => { text.textContent = state; bar.value = 1; cancel = () => {}; setTimeout(() => card.remove(), GoneMilliseconds); },
      fail: (line, again) => {
        card.classList.add('failed');
        bar.remove();
        cancel = () => {};
        text.setAttribute('role', 'alert');
        text.textContent = line;
        if (again) card.append(button({ text: 'Try again', on: () => { card.remove(); again(); } }));
      },
    };
  }
}
