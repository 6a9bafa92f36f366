// Elements without markup in strings: what a user typed can never become markup.

/**
 * Makes an element.
 * @param {string} tag
 * @param {Object<string, any>} [props] attributes; `on` holds listeners, `data` data attributes, `class` the classes; false and null are left out
 * @param {...(Node|string|null|false)} children
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (name === 'on') for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else if (name === 'data') Object.assign(node.dataset, value);
    else if (name === 'class') node.className = value;
    else if (name in node && typeof value !== 'string') node[name] = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter(child => child !== null && child !== false && child !== undefined));
  return node;
}

/** An icon of icons.svg; it says nothing by itself, its button is named. */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** Gives a button another icon. */
export function setIcon(button, name) {
  const use = button.querySelector('use');
  const href = `/icons.svg#${name}`;
  if (use.getAttribute('href') !== href) use.setAttribute('href', href); // set anew it would flicker
}

/**
 * A button with an icon, a text, or both.
 * @param {{icon?: string, text?: string, label?: string, keys?: string, class?: string, on?: (event: Event) => void, id?: string}} what
 *   label is what it is called where there is no text; keys is shown in its tooltip
 */
export function button(what) {
  const name = what.label ?? what.text;
  return el('button', {
    type: 'button',
    id: what.id,
    class: what.class ?? (what.text ? 'button' : 'icon-button'),
    'aria-label': what.text && what.text === name ? null : name,
    title: what.keys ? `${name} (${what.keys})` : name,
    'aria-keyshortcuts': what.keys ? what.keys.replaceAll('Ctrl', 'Control').replaceAll(' or ', ' ') : null,
    on: what.on ? { click: what.on } : {},
  }, what.icon ? icon(what.icon) : null, what.text ? el('span', {}, what.text) : null);
}

export const byId = id => document.getElementById(id);

/** Replaces the children. */
export function fill(node, ...children) {
  node.replaceChildren(...children.filter(Boolean));
}

/** 1.5 MB and the like. */
export function bytes(count) {
  const units = ['B', 'kB', 'MB', 'GB'];
  let i = 0;
  for (; count >= 1000 && i < units.length - 1; i++) count /= 1000;
  return `${i === 0 ? count : count.toFixed(1)} ${units[i]}`;
}

/** Seconds as m:ss. */
export const clock = seconds => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

export const percent = share => `${Math.round(share * 100)} %`;

export const plural = (count, word) => `${count} ${word}${count === 1 ? '' : 's'}`;
