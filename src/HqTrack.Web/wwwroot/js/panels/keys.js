import { byId, el, fill } from '../lib/dom.js';

/**
 * A key and what it does. `keys` are as in KeyboardEvent.key, with Ctrl+ and Shift+ before; `shown` is how people read them.
 * @typedef {{keys: string[], shown: string, text: string, run: (event: KeyboardEvent) => void, group: string}} Shortcut
 */

const Typing = 'input[type=text], input[type=number], input[type=password], textarea, select';

/** The keyboard, and the sheet that shows it. */
export class Keys {
  /** @param {Shortcut[]} shortcuts */
  constructor(shortcuts) {
    this.byKey = new Map(shortcuts.flatMap(shortcut => shortcut.keys.map(key => [key.toLowerCase(), shortcut])));
    this.dialog = byId('help-dialog');
    const groups = Map.groupBy(shortcuts, shortcut => shortcut.group);
    fill(byId('shortcuts'), ...[...groups].map(([group, entries]) => el('section', {}, el('h3', {}, group), el('dl', {},
      ...entries.map(({ shown, text }) => el('div', { class: 'shortcut' }, el('dt', {}, ...shown.split(' ').flatMap(key => key === '/' ? [' or '] : [el('kbd', {}, key)])), el('dd', {}, text)))))));
    this.down = event => this.#down(event);
    addEventListener('keydown', this.down);
  }

  close() {
    removeEventListener('keydown', this.down);
  }

  #down(event) {
    if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]') || event.target.closest?.(Typing)) return;
    const isOnButton = event.target.closest?.('button, a, input, [role=slider]');
    if (isOnButton && !event.altKey && (event.key === ' ' || event.key === 'Enter')) return; // the button's own
    if (event.target.closest?.('input[type=range]') && event.key.startsWith('Arrow')) return;
    const name = `${event.ctrlKey || event.metaKey ? 'ctrl+' : ''}${event.altKey ? 'alt+' : ''}${event.shiftKey && event.key !== '?' ? 'shift+' : ''}${event.key.toLowerCase()}`;
    const shortcut = this.byKey.get(name);
    if (!shortcut) return;
    event.preventDefault();
    shortcut.run(event);
  }
}
