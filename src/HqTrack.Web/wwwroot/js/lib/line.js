import { button, el, fill } from './dom.js';

/**
 * One line near its cause: an error, or something to know. It stays until it is answered, replaced or taken away.
 * @param {HTMLElement} place an element of class "line"
 * @param {string|null} text null takes the line away
 * @param {{kind?: 'error'|'hint', action?: {text: string, on: () => void}}} [options]
 */
export function say(place, text, { kind = 'error', action } = {}) {
  place.hidden = text === null;
  place.dataset.kind = kind;
  place.setAttribute('role', kind === 'error' ? 'alert' : 'status');
  if (text === null) {
    fill(place);
    return;
  }
  fill(
    place,
    el('span', { class: 'line-text' }, text),
    action && button({ text: action.text, class: 'link', on: () => { say(place, null); action.on(); } }),
    button({ icon: 'close', label: 'Dismiss', class: 'icon-button small', on: () => say(place, null) }));
}

/** Runs something and says at a place why it failed. @returns {Promise<boolean>} whether it went well */
export async function attempt(place, work) {
  try {
    await work();
    if (place.dataset.kind === 'error') say(place, null);
    return true;
  } catch (e) {
    if (e.name !== 'AbortError') say(place, e.message);
    return false;
  }
}
