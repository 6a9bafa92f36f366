import { post } from '../api.js';
import { byId } from '../lib/dom.js';
import { attempt } from '../lib/line.js';

let asking = null;

/** Asks for a token until one is right. */
export function logIn() {
  return asking ??= new Promise(resolve => {
    const dialog = byId('login-dialog');
    dialog.addEventListener('cancel', event => event.preventDefault());
    dialog.querySelector('form').onsubmit = async event => {
      event.preventDefault();
      if (!await attempt(byId('login-line'), () => post('/session', { token: byId('token').value }))) return;
      byId('token').value = '';
      dialog.close();
      asking = null;
      resolve();
    };
    if (!dialog.open) dialog.showModal();
  });
}
