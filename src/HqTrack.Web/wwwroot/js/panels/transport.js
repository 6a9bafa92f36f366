import { byId, clock, setIcon } from '../lib/dom.js';
import { lockFrame } from '../model/actions.js';

/** Buttons that go through the frames, the frame's number, and its lock. */
export class Transport {
  /**
   * @param {import('../model/session.js').Session} session
   * @param {import('./player.js').Player} player
   * @param {(work: () => Promise<any>) => any} attempt says near the stage what fails
   */
  constructor(session, player, attempt) {
    Object.assign(this, { session, player, attempt });
    const go = (id, to) => { byId(id).onclick = () => { session.emit('person'); player.stop(); session.seek(to()); }; };
    go('first', () => 0);
    go('back', () => session.frame - 1);
    go('ahead', () => session.frame + 1);
    go('last', () => session.count - 1);
    byId('play').onclick = () => { session.emit('person'); player.toggle(); };
    byId('speed').onchange = event => player.setSpeed(Number(event.target.value));
    const number = byId('frame-number');
    number.onchange = () => { session.emit('person'); session.seek(Number(number.value) - 1 || 0); number.value = session.frame + 1; };
    byId('lock-frame').onclick = () => this.toggleLock();
    session.on('frame project tracks masks', () => this.update());
    this.playing(false);
    this.update();
  }

  toggleLock() {
    const { session } = this;
    if (session.mayEdit && session.count > 0) this.attempt(() => lockFrame(session, session.frame, !session.locked.has(session.frame)));
  }

  playing(isPlaying) {
    const play = byId('play');
    setIcon(play, isPlaying ? 'pause' : 'play');
    play.setAttribute('aria-label', isPlaying ? 'Pause' : 'Play');
    play.title = `${isPlaying ? 'Pause' : 'Play'} (Space)`;
  }

  update() {
    const { session } = this;
    const { frame, count, project, names } = session;
    const number = byId('frame-number');
    if (document.activeElement !== number) number.value = count === 0 ? 0 : frame + 1;
    number.max = count;
    byId('frame-count').textContent = `of ${count}`;
    const rate = project.frames.framesPerSecond; // images have none
    byId('frame-time').textContent = rate ? `${clock(frame / rate)} / ${clock(count / rate)}` : '';
    byId('frame-time').title = names?.[frame] ?? '';
    const isLocked = session.locked.has(frame);
    const lock = byId('lock-frame');
    setIcon(lock, isLocked ? 'lock' : 'unlock');
    lock.setAttribute('aria-pressed', String(isLocked));
    lock.querySelector('span').textContent = isLocked ? 'Locked' : 'Lock frame';
    lock.disabled = !session.mayEdit || count === 0;
    for (const [id, isOff] of [['first', frame === 0], ['back', frame === 0], ['ahead', frame >= count - 1], ['last', frame >= count - 1], ['play', count < 2]]) byId(id).disabled = isOff;
  }
}
