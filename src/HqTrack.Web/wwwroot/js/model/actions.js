// Edits that buttons and keys share. Each throws what the API answers.

import { patch, post, put, remove } from '../api.js';

/** Makes an object and chooses it; gives its id. */
export async function makeObject(session) {
  const object = await session.edits.run(() => post(`${session.path}/objects`, {}));
  session.objects = [...session.objects, object];
  session.select(object.id);
  session.emit('objects');
  session.refresh();
  return object.id;
}

/** @param {{name?: string, color?: string, locked?: boolean, hidden?: boolean}} change */
export async function setObject(session, id, change) {
  session.objects = session.objects.map(object => object.id === id ? { ...object, ...change } : object);
  session.emit('objects');
  try {
    await session.edits.run(() => patch(`${session.path}/objects/${id}`, change), { again: true });
  } finally {
    session.refresh();
  }
}

export async function deleteObject(session, id) {
  await session.edits.run(() => remove(`${session.path}/objects/${id}`));
  session.refresh();
}

export async function lockFrame(session, frame, isLocked) {
  const path = `${session.path}/frames/${frame}/lock`;
  await session.edits.run(() => isLocked ? put(path) : remove(path));
  session.refresh();
}

/** Takes back what was said of an object in a frame. */
export async function deletePrompt(session, frame, object) {
  await session.edits.run(() => remove(`${session.path}/frames/${frame}/prompts/${object}`));
  session.refresh();
}

/** Undoes or redoes the last edit and shows where it was. @param {'undo'|'redo'} way */
export async function step(session, way) {
  const done = await session.edits.run(() => post(`${session.path}/${way}`));
  if (done.frame !== null) session.seek(done.frame);
  if (done.object !== null && session.objects.some(object => object.id === done.object)) session.select(done.object);
  session.refresh();
  return done;
}

/** @param {'forward'|'backward'|'both'} direction @param {{to?: number, objects?: number[]}} [what] */
export async function track(session, direction, what = {}) {
  const run = await session.edits.run(() => post(`${session.path}/tracking`, { from: session.frame, direction, ...what }));
  session.run = run;
  session.emit('run', run);
  session.refresh();
}

export async function stopTracking(session) {
  if (session.run) await post(`${session.path}/tracking/${session.run.run}/stop`);
}
