// Light, dark, or as the system has it; kept in this browser.

import { keep, read } from './kept.js';

const Key = 'hqtrack.theme';

/** What is shown now: light or dark. */
export function theme() {
  return document.documentElement.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
}

export function restoreTheme() {
  const kept = read(Key);
  if (kept === 'light' || kept === 'dark') document.documentElement.dataset.theme = kept;
}

export function toggleTheme() {
  document.documentElement.dataset.theme = theme() === 'dark' ? 'light' : 'dark';
  keep(Key, document.documentElement.dataset.theme);
}
