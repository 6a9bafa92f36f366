import { button, el } from './dom.js';

/** Shows a dialog until it is answered; gives its value, '' where it was closed. */
function answer(dialog) {
  document.body.append(dialog);
  dialog.showModal();
  return new Promise(resolve => dialog.addEventListener('close', () => {
    dialog.remove();
    resolve(dialog.returnValue);
  }));
}

const actions = (dialog, text, kind) => el('div', { class: 'dialog-actions' },
  button({ text: 'Cancel', class: 'button quiet', on: () => dialog.close('') }),
  el('button', { type: 'submit', class: `button ${kind}` }, text));

/** Asks for a text; null where it was not given. */
export async function ask(title, label, value, action) {
  const input = el('input', { type: 'text', value, maxlength: '200', required: true, id: 'ask-input', autocomplete: 'off' });
  const dialog = el('dialog', { class: 'dialog small', 'aria-labelledby': 'ask-title' });
  dialog.append(el('form', { method: 'dialog', on: { submit: event => { event.preventDefault(); dialog.close(input.value.trim()); } } },
    el('h2', { id: 'ask-title' }, title), el('label', { for: 'ask-input' }, label), input, actions(dialog, action, 'primary')));
  const asked = answer(dialog);
  input.select();
  return await asked || null;
}

/** Asks whether to go on. */
export async function confirmed(title, text, action) {
  const dialog = el('dialog', { class: 'dialog small', role: 'alertdialog', 'aria-labelledby': 'ask-title', 'aria-describedby': 'ask-text' });
  dialog.append(el('form', { method: 'dialog', on: { submit: event => { event.preventDefault(); dialog.close('yes'); } } },
    el('h2', { id: 'ask-title' }, title), el('p', { id: 'ask-text' }, text), actions(dialog, action, 'danger')));
  return await answer(dialog) === 'yes';
}
