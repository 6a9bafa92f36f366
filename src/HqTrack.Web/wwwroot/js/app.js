// The page: the list of projects or one that is open, by the address after #.

import { get } from './api.js';
import { Editor } from './editor.js';
import { byId, setIcon } from './lib/dom.js';
import { keep, read } from './lib/kept.js';
import { attempt, say } from './lib/line.js';
import { restoreTheme, theme, toggleTheme } from './lib/theme.js';
import { logIn } from './panels/login.js';
import { ProjectList } from './panels/projects.js';
import { catchDrops } from './upload/drop.js';
import { Tray } from './upload/tray.js';

const VisitedKey = 'hqtrack.visited';
const RetryMilliseconds = 1500;

let info = null;
let editor = null;
let list = null;
let route = 0;

const open = id => { location.hash = `#/project/${id}`; };

/** Shows what the address names. */
async function show() {
  const turn = ++route;
  const id = /^#\/project\/([^/]+)$/.exec(location.hash)?.[1];
  editor?.close();
  editor = null;
  document.body.dataset.view = id ? 'editor' : 'home';
  byId('home').hidden = id !== undefined;
  if (!id) {
    document.title = 'HqTrack';
    await list.show();
    return;
  }
  list.hide();
  keep(VisitedKey, 'yes');
  byId('opening').hidden = false;
  try {
    const opened = await Editor.open(decodeURIComponent(id), info, () => leave('This project was deleted.'));
    if (turn !== route) opened.close();
    else editor = opened;
  } catch (e) {
    if (turn !== route) return;
    if (e.isOffline) setTimeout(() => turn === route && show(), RetryMilliseconds);
    else leave(e.message);
  } finally {
    if (editor || turn !== route) byId('opening').hidden = true;
  }
}

function leave(line) {
  byId('opening').hidden = true;
  location.hash = '#/';
  say(byId('projects-line'), line);
}

/** A newcomer sees the example at work, not a list. */
function firstVisit(projects) {
  if (read(VisitedKey) || projects.length === 0) return;
  keep(VisitedKey, 'yes');
  if (projects.length === 1 && location.hash.length <= 2) open(projects[0].id);
}

function chooseFiles() {
  byId('files').value = '';
  byId('files').click();
}

function themeButton() {
  const node = byId('theme');
  const draw = () => {
    setIcon(node, theme() === 'dark' ? 'sun' : 'moon');
    node.setAttribute('aria-label', theme() === 'dark' ? 'Light colours' : 'Dark colours');
    node.title = node.getAttribute('aria-label');
  };
  node.addEventListener('click', () => { toggleTheme(); draw(); editor?.timeline.draw(); });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  draw();
}

async function knock() {
  for (; ;) {
    try {
      return await get('/info');
    } catch (e) {
      if (e.status === 401) await logIn();
      else if (e.isOffline) await new Promise(resolve => setTimeout(resolve, RetryMilliseconds));
      else throw e;
    }
  }
}

function closeByButton() {
  for (const dialog of document.querySelectorAll('dialog')) {
    dialog.querySelector('.dialog-close')?.addEventListener('click', () => dialog.close());
    dialog.addEventListener('click', event => event.target === dialog && dialog.close());
  }
}

async function start() {
  restoreTheme();
  themeButton();
  closeByButton();
  byId('help').addEventListener('click', () => byId('help-dialog').showModal());
  info = await knock();
  addEventListener('token-missing', async () => { await logIn(); location.reload(); }, { once: true });
  byId('log-out').hidden = !info.needsToken;
  byId('log-out').addEventListener('click', async () => { await fetch('/api/session', { method: 'DELETE' }); location.reload(); });
  document.body.classList.toggle('reader', info.role === 'read');
  const tray = new Tray(info, open);
  const take = files => info.role === 'read'
    ? say(byId(editor ? 'stage-line' : 'projects-line'), 'Your token has the role “read”: it lets you look, not add.')
    : tray.take(files, editor?.session.project.id ?? null);
  byId('files').addEventListener('change', event => take([...event.target.files]));
  byId('add-frames').addEventListener('click', chooseFiles);
  byId('stage-choose').addEventListener('click', chooseFiles);
  catchDrops(take);
  list = new ProjectList({ info, open, loaded: firstVisit, choose: chooseFiles });
  addEventListener('hashchange', show);
  await show();
}

attempt(byId('projects-line'), start);
