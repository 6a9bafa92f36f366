import { makeObject, setObject, deletePrompt } from '../model/actions.js';
import { byId } from '../lib/dom.js';
import { Tools } from '../tools/toolbox.js';

/** Every key of the editor. @param {import('../editor.js').Editor} editor @returns {import('./keys.js').Shortcut[]} */
export function shortcuts(editor) {
  const { session, stage, toolbox, draft, player, header, transport, tracking, review, cursor, attempt } = editor;
  const go = by => { session.emit('person'); player.stop(); session.seek(session.frame + by); };
  const view = change => { change(stage.viewport); stage.draw(); };
  const flip = name => session.object && session.mayEdit && attempt(() => setObject(session, session.selected, { [name]: !session.object[name] }));
  const group = (title, entries) => entries.map(([keys, shown, text, run]) => ({ keys, shown, text, run, group: title }));
  return [
    ...group('Frames', [
      [[' '], 'Space', 'Play or pause', () => { session.emit('person'); player.toggle(); }],
      [['ArrowLeft', 'ArrowRight'], '← / →', 'One frame back or ahead', event => go(event.key === 'ArrowLeft' ? -1 : 1)],
      [['shift+ArrowLeft', 'shift+ArrowRight'], 'Shift ← / →', 'Ten frames', event => go(event.key === 'ArrowLeft' ? -10 : 10)],
      [['Home', 'End'], 'Home / End', 'First or last frame', event => go(event.key === 'Home' ? -Infinity : Infinity)],
      [['w', 'shift+w'], 'W / Shift W', 'Next or previous least sure frame', event => { session.emit('person'); review.jump(event.shiftKey ? -1 : 1); }],
      [['l'], 'L', 'Lock or unlock the frame', () => transport.toggleLock()],
    ]),
    ...group('Tools', [
      ...Tools.map(tool => [[tool.keys.toLowerCase()], tool.keys, tool.label, () => toolbox.choose(tool.name)]),
      [['[', ']'], '[ / ]', 'Smaller or larger brush', event => toolbox.resize(event.key === '[' ? toolbox.size / 1.25 - 0.5 : toolbox.size * 1.25 + 0.5)],
      [['x'], 'X', 'Clicks add or take away', () => toolbox.setSign(!toolbox.positive)],
      [['Enter'], 'Enter', 'Keep what is tried out', () => editor.keepDraft()],
      [['Escape'], 'Esc', 'Discard what is tried out', () => { toolbox.cancel(); draft.discard(); stage.cross = null; stage.draw(); }],
      [['ctrl+z'], 'Ctrl Z', 'Undo', () => header.undo()],
      [['ctrl+shift+z', 'ctrl+y'], 'Ctrl Shift Z / Ctrl Y', 'Redo', () => header.redo()],
      [['Delete', 'Backspace'], 'Del', 'Take back what was set in this frame', () => session.prompt(session.frame, session.selected) && attempt(() => deletePrompt(session, session.frame, session.selected))],
    ]),
    ...group('Objects', [
      [['n'], 'N', 'New object', () => session.mayEdit && attempt(() => makeObject(session))],
      [Array.from({ length: 9 }, (_, i) => String(i + 1)), '1 … 9', 'Choose an object', event => session.objects[event.key - 1] && session.select(session.objects[event.key - 1].id)],
      [['h'], 'H', 'Hide or show the object', () => flip('hidden')],
      [['shift+l'], 'Shift L', 'Lock or unlock the object', () => flip('locked')],
    ]),
    ...group('Tracking', [
      [['t'], 'T', 'Track forward from here', () => tracking.start('forward')],
      [['shift+t'], 'Shift T', 'Track backward from here', () => tracking.start('backward')],
      [['alt+t'], 'Alt T', 'Track both ways', () => tracking.start('both')],
      [['s'], 'S', 'Stop tracking', () => tracking.stop()],
    ]),
    ...group('View', [
      [['+', '=', 'shift++', 'shift+='], '+', 'Nearer', () => view(port => port.zoom(1.25))],
      [['-'], '-', 'Farther', () => view(port => port.zoom(0.8))],
      [['0'], '0', 'Fit the frame', () => view(port => port.fit())],
      [['m'], 'M', 'Show or hide all masks', () => byId('show-masks').click()],
      [['?'], '?', 'This sheet', () => byId('help').click()],
    ]),
    ...group('Drawing without a mouse', [
      [['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'].flatMap(key => [`alt+${key}`, `alt+shift+${key}`]), 'Alt ← ↑ → ↓', 'Move the cross (with Shift by one pixel)', event => cursor.move(event.key, event.shiftKey)],
      [['alt+Enter', 'alt+shift+Enter'], 'Alt Enter', 'The tool at the cross; twice for a box (with Shift the other way round)', event => cursor.press(event.shiftKey)],
    ]),
  ];
}
