import { all, get } from '../api.js';
import { Emitter } from '../lib/emitter.js';
import { Edits } from './edits.js';
import { Live } from './live.js';
import { Masks } from './masks.js';
import { Pictures } from './pictures.js';

const QuietMilliseconds = 40;
const TracksMilliseconds = 700;

/**
 * An open project: what the server knows of it, kept current, and where the person is in it.
 *
 * Topics: `project`, `sized` (the first frame came), `objects`, `tracks` (with prompts and locks), `run`, `frame`, `selected`, `masks` (a frame's masks came), `connection`, `waiting`
 * (edits not acknowledged), `upload`, `export`, `failed` (a line).
 */
export class Session extends Emitter {
  /** @type {{id: string, name: string, revision: number, frames: {count: number, width: number, height: number, framesPerSecond: number}, canUndo: boolean, canRedo: boolean, tracking: any}} */
  project;
  /** @type {{id: number, name: string, color: string, locked: boolean, hidden: boolean}[]} */
  objects = [];
  prompts = [];
  tracks = { from: 0, count: 0, objects: [], events: [], worst: [] };
  locked = new Set();
  run = null;
  /** Number of the newest run, which is the revision it began at. */
  lastRun = 0;
  frame = 0;
  selected = null;
  edits = new Edits(count => this.emit('waiting', count));
  #refresh = { timer: null, busy: false, again: false };
  #tracksTimer = null;

  /** @param {any} info of /api/info */
  static async open(id, info) {
    const session = new Session();
    session.info = info;
    session.project = await get(`/projects/${id}`);
    session.#frames();
    await session.#load();
    session.selected = session.objects[0]?.id ?? null;
    session.live = new Live(id);
    session.#listen();
    return session;
  }

  get path() {
    return `/projects/${this.project.id}`;
  }

  get count() {
    return this.project.frames.count;
  }

  get mayEdit() {
    return this.info.role !== 'read';
  }

  /** The chosen object; null where none is. */
  get object() {
    return this.objects.find(entry => entry.id === this.selected) ?? null;
  }

  close() {
    this.live.close();
    clearTimeout(this.#refresh.timer);
    clearTimeout(this.#tracksTimer);
  }

  /** Goes to a frame; out of range is the nearest. */
  seek(frame) {
    const to = Math.max(0, Math.min(this.count - 1, Math.round(frame)));
    if (to === this.frame || this.count === 0) return;
    this.emit('leaving', this.frame);
    this.frame = to;
    this.emit('frame', to);
  }

  select(id) {
    if (id === this.selected) return;
    this.emit('leaving', this.frame);
    this.selected = id;
    this.emit('selected', id);
  }

  /** Prompt of an object in a frame, if there is one. */
  prompt(frame, object) {
    return this.prompts.find(entry => entry.frame === frame && entry.object === object) ?? null;
  }

  /** Asks for everything anew, soon; many calls are one. */
  refresh() {
    clearTimeout(this.#refresh.timer);
    this.#refresh.timer = setTimeout(() => this.#reload(), QuietMilliseconds);
  }

  async #reload() {
    if (this.#refresh.busy) {
      this.#refresh.again = true;
      return;
    }
    this.#refresh.busy = true;
    try {
      this.project = await get(this.path);
      this.#frames();
      this.masks.age();
      await this.#load();
      if (this.selected !== null && !this.object) this.selected = this.objects[0]?.id ?? null;
      if (this.selected === null && this.objects.length > 0) this.selected = this.objects[0].id;
      for (const topic of ['project', 'objects', 'run', 'tracks', 'selected']) this.emit(topic);
    } catch (e) {
      if (e.status === 404) this.emit('gone');
      else if (!e.isOffline) this.emit('failed', e.message);
    } finally {
      this.#refresh.busy = false;
      if (this.#refresh.again) {
        this.#refresh.again = false;
        this.refresh();
      }
    }
  }

  async #load() {
    const [objects, prompts, tracks, runs, frames] = await Promise.all([
      get(`${this.path}/objects`), get(`${this.path}/prompts`), get(`${this.path}/tracks`), get(`${this.path}/tracking`), all(`${this.path}/frames`, 5000)]);
    Object.assign(this, { objects, prompts, tracks, run: this.project.tracking, lastRun: runs[0]?.run ?? 0 });
    this.names = frames.map(frame => frame.name);
    this.locked = new Set(frames.filter(frame => frame.locked).map(frame => frame.index));
  }

  // Pictures and masks have the size of the first frame.
  #frames() {
    const { width, height } = this.project.frames;
    if (this.width === width && this.height === height) return;
    Object.assign(this, { width, height, pictures: new Pictures(this.project.id, width), masks: new Masks(this.project.id, width, height) });
    this.emit('sized');
  }

  #listen() {
    this.live.on('connection', isUp => this.emit('connection', isUp));
    this.live.on('hello', ({ revision }) => (revision !== this.project.revision || this.run) && this.refresh());
    this.live.on('revision', ({ revision }) => revision > this.project.revision && this.refresh());
    this.live.on('upload', upload => {
      this.emit('upload', upload);
      if (upload.state === 'done') this.refresh();
    });
    this.live.on('export', entry => this.emit('export', entry));
    this.live.on('tracking', run => this.#tracked(run));
  }

  #tracked(run) {
    const ended = run.state !== 'queued' && run.state !== 'running';
    this.masks.age();
    this.run = ended ? null : run;
    this.emit('run', run);
    if (ended) this.refresh();
    else this.#tracksTimer ??= setTimeout(() => this.#reloadTracks(), TracksMilliseconds);
  }

  async #reloadTracks() {
    try {
      this.tracks = await get(`${this.path}/tracks`);
      this.emit('tracks');
    } catch {
      // The end of the run, or the server's return, asks again.
    } finally {
      this.#tracksTimer = null;
    }
  }
}
