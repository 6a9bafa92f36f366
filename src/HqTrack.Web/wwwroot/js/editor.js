import { byId } from './lib/dom.js';
import { attempt, say } from './lib/line.js';
import { Session } from './model/session.js';
import { ExportDialog } from './panels/exports.js';
import { Header } from './panels/header.js';
import { Keys } from './panels/keys.js';
import { ObjectsPanel } from './panels/objects.js';
import { Player } from './panels/player.js';
import { ReviewPanel } from './panels/review.js';
import { shortcuts } from './panels/shortcuts.js';
import { Timeline } from './panels/timeline.js';
import { ToolRail } from './panels/tools.js';
import { TrackingBar } from './panels/tracking.js';
import { Transport } from './panels/transport.js';
import { Cursor } from './stage/cursor.js';
import { Pointer } from './stage/pointer.js';
import { Stage } from './stage/stage.js';
import { Draft } from './tools/draft.js';
import { Toolbox } from './tools/toolbox.js';

/** An open project on the page: its parts, and what one tells the others. */
export class Editor {
  /** Opens a project. @param {any} info of /api/info @param {() => void} gone called when somebody deleted it */
  static async open(id, info, gone) {
    const session = await Session.open(id, info);
    return new Editor(session, gone);
  }

  constructor(session, gone) {
    this.session = session;
    this.line = byId('stage-line');
    this.say = (text, options) => say(this.line, text, options);
    this.attempt = work => attempt(this.line, work);
    this.say(null);
    byId('editor').hidden = false; // the parts measure themselves
    this.#build();
    this.#connect(gone);
    this.#follow(session.frame);
    this.#empty();
  }

  close() {
    this.player.stop();
    this.keys.close();
    this.pointer.close();
    this.stage.close();
    this.timeline.close();
    this.session.close();
    byId('editor').hidden = true;
  }

  /** Makes an edit of what is tried out, if something is. */
  keepDraft() {
    return this.draft.isOpen ? this.attempt(() => this.draft.keep()) : Promise.resolve();
  }

  #build() {
    const { session } = this;
    this.draft = new Draft(session, () => this.#drafted(), error => this.say(error.message));
    this.stage = new Stage(byId('canvas'), session, this.draft);
    this.toolbox = new Toolbox(session, this.stage, this.draft, this.say);
    this.pointer = new Pointer(this.stage, this.toolbox);
    this.cursor = new Cursor(session, this.stage, this.toolbox);
    this.player = new Player(session, isPlaying => this.transport.playing(isPlaying));
    this.header = new Header(session, this.draft, this.attempt);
    this.transport = new Transport(session, this.player, this.attempt);
    this.timeline = new Timeline(session);
    this.objects = new ObjectsPanel(session);
    this.review = new ReviewPanel(session);
    this.tracking = new TrackingBar(session, this.attempt, () => this.draft.keep(), this.say);
    this.tools = new ToolRail(session, this.toolbox, this.stage);
    this.exports = new ExportDialog(session);
    this.keys = new Keys(shortcuts(this));
    byId('keep').onclick = () => this.keepDraft();
    byId('discard').onclick = () => this.draft.discard();
  }

  #connect(gone) {
    const { session } = this;
    session.on('frame', frame => {
      if (this.line.dataset.kind === 'hint') this.say(null); // it was about the frame that was left
      this.#follow(frame);
    });
    session.on('leaving', () => this.keepDraft());
    session.on('objects selected tracks', () => this.stage.draw());
    session.on('tracks run', () => this.#masks(session.frame));
    session.on('project', () => this.#empty());
    session.on('failed', line => this.say(line));
    session.on('gone', gone);
    session.on('connection', isUp => isUp && this.#follow(session.frame));
  }

  /** Shows a frame: its picture and its masks as they come. */
  async #follow(frame) {
    const { session } = this;
    this.stage.draw();
    if (session.count === 0) return;
    session.pictures.load(frame).then(() => frame === session.frame && this.stage.draw(), () => frame === session.frame && session.live.isUp && this.say(`The picture of frame ${frame + 1} cannot be loaded.`));
    if (!this.player.isPlaying) session.pictures.expect([frame + 1, frame - 1].filter(near => near >= 0 && near < session.count));
    await this.#masks(frame);
  }

  async #masks(frame) {
    const { session } = this;
    if (session.count === 0 || this.toolbox.isBusy || session.edits.waiting > 0) return; // what is being painted is newer than what the server has
    try {
      await session.masks.load(frame);
    } catch (e) {
      if (!e.isOffline && e.status !== 404) this.say(e.message);
      return;
    }
    if (frame !== session.frame) return;
    session.emit('masks', frame);
    this.stage.draw();
  }

  #drafted() {
    const { draft } = this;
    byId('draft').hidden = !draft.isOpen;
    byId('draft-text').textContent = draft.isWaiting ? 'Looking' : 'Preview';
    byId('draft').setAttribute('aria-busy', String(draft.isWaiting));
    this.header?.update();
    this.stage?.draw();
  }

  #empty() {
    const isEmpty = this.session.count === 0;
    byId('stage-empty').hidden = !isEmpty;
    byId('timeline').hidden = isEmpty;
    if (isEmpty) return;
    this.stage.adopt(); // the first frames may just have come
    this.#follow(this.session.frame);
  }
}
