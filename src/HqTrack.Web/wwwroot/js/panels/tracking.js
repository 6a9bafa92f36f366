import { byId } from '../lib/dom.js';
import { stopTracking, track } from '../model/actions.js';

/** Starts and stops tracking, shows how far it is, and follows it through the frames until the person goes elsewhere. */
export class TrackingBar {
  #follows = true;
  #told = new Set(); // an undone or redone tracking makes the server speak of an earlier run again

  /**
   * @param {import('../model/session.js').Session} session
   * @param {(work: () => Promise<any>) => Promise<boolean>} attempt says near the stage what fails
   * @param {() => Promise<any>} keepDraft makes an edit of what is tried out
   * @param {(text: string|null, options?: any) => void} say
   */
  constructor(session, attempt, keepDraft, say) {
    Object.assign(this, { session, attempt, keepDraft, say });
    for (const direction of ['backward', 'both', 'forward']) byId(`track-${direction}`).onclick = () => this.start(direction);
    byId('stop').onclick = () => this.stop();
    byId('follow').onclick = () => this.follow(!this.#follows);
    session.on('run', run => this.#ran(run));
    session.on('project objects tracks frame selected', () => this.update());
    session.on('person', () => this.follow(false));
    this.update();
  }

  async start(direction) {
    const { session } = this;
    if (session.run || !session.mayEdit || session.count === 0) return;
    await this.attempt(async () => {
      await this.keepDraft();
      const only = byId('track-only').checked && session.selected !== null ? { objects: [session.selected] } : {};
      await track(session, direction, { ...only, ...this.#end(direction) });
      this.follow(true);
      this.say(null);
    });
  }

  stop() {
    return this.attempt(() => stopTracking(this.session));
  }

  follow(follows) {
    this.#follows = follows;
    byId('follow').setAttribute('aria-pressed', String(follows));
  }

  update() {
    const { session } = this;
    const run = session.run;
    const isOff = !session.mayEdit || session.count === 0 || session.objects.length === 0;
    for (const id of ['track-backward', 'track-both', 'track-forward']) byId(id).disabled = isOff || run !== null;
    byId('track-idle').hidden = run !== null;
    this.#suggest();
    byId('track-running').hidden = run === null;
    if (!run) return;
    byId('track-progress').max = Math.max(1, run.total);
    byId('track-progress').value = run.done;
    byId('track-text').textContent = run.state === 'queued' ? 'Waiting to track' : `Tracking ${run.direction === 'both' ? 'both ways' : run.direction}: ${run.done} of ${run.total}`;
    byId('stop').disabled = !session.mayEdit;
  }

  // A correction in the middle of what was tracked asks to be tracked on from.
  #suggest() {
    const { session } = this;
    const row = session.tracks.objects.find(entry => entry.object === session.selected);
    const isNew = (session.prompt(session.frame, session.selected)?.revision ?? 0) > session.lastRun && row?.source[session.frame + 1 - session.tracks.from] === 't';
    const forward = byId('track-forward');
    forward.classList.toggle('suggested', isNew);
    forward.title = isNew ? 'The frames after this one were tracked before the correction: track on from here (T)' : 'Track forward from here (T)';
    forward.querySelector('span').textContent = isNew ? 'Track on' : 'Track';
  }

  // "to" is the last frame in the direction; both ways always go to the ends.
  #end(direction) {
    const { session } = this;
    const span = byId('track-span').value;
    if (span === 'end' || direction === 'both') return {};
    const sign = direction === 'forward' ? 1 : -1;
    if (span === 'next') {
      const set = session.prompts.map(prompt => prompt.frame).concat([...session.locked]).filter(frame => (frame - session.frame) * sign > 0);
      return set.length === 0 ? {} : { to: sign > 0 ? Math.min(...set) : Math.max(...set) };
    }
    return { to: Math.max(0, Math.min(session.count - 1, session.frame + sign * Number(span))) };
  }

  #ran(run) {
    this.update();
    if (!run) return;
    if (this.#follows && run.frame !== null && run.frame !== undefined) this.session.seek(run.frame);
    const key = `${run.run} ${run.state}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    if (run.state === 'failed') this.say(`Tracking failed: ${run.error}`);
    byId('announce').textContent = { running: 'Tracking has begun.', done: `Tracking is done: ${run.done} frames.`, stopped: `Tracking was stopped after ${run.done} frames.`, failed: '' }[run.state] ?? '';
  }
}
