import { ApiError, get, post, send } from '../api.js';
import { hashFile } from './hash.js';

const PieceBytes = 8 << 20;
const RetryMilliseconds = 1500;
const PollMilliseconds = 700;

const pause = (milliseconds, signal) => new Promise((resolve, reject) => {
  const timer = setTimeout(resolve, milliseconds);
  signal.addEventListener('abort', () => { clearTimeout(timer); reject(new DOMException('stopped', 'AbortError')); }, { once: true });
});

/**
 * Sends a file into a project and waits until its frames are there. A break is waited out and sending goes on where it was; the same file dropped again
 * goes on, too.
 * @param {string} project
 * @param {File} file
 * @param {(step: 'reading'|'sending'|'waiting'|'decoding', share: number) => void} progress
 * @param {AbortSignal} signal
 * @returns {Promise<{id: string, first: number, count: number}>}
 */
export async function sendFile(project, file, progress, signal) {
  const sha256 = await hashFile(file, share => progress('reading', share), signal);
  let upload = await persist(() => post(`/projects/${project}/uploads`, { name: file.name, size: file.size, sha256 }, { signal }), progress, signal);
  const path = `/projects/${project}/uploads/${upload.id}`;
  while (upload.state === 'receiving') {
    progress('sending', upload.offset / file.size);
    const at = upload.offset;
    try {
      upload = await sendPiece(path, file, at, signal);
    } catch (e) {
      if (!(e instanceof ApiError) || !(e.isOffline || ['upload-offset', 'upload-busy', 'too-fast'].includes(e.code))) throw e;
      progress('waiting', at / file.size);
      await pause(RetryMilliseconds, signal);
      upload = await persist(() => get(path, { signal }), progress, signal);
    }
  }
  while (upload.state === 'decoding') {
    progress('decoding', 1);
    await pause(PollMilliseconds, signal);
    upload = await persist(() => get(path, { signal }), progress, signal);
  }
  if (upload.state === 'failed') throw new Error(upload.error);
  return upload;
}

async function sendPiece(path, file, at, signal) {
  const response = await send('PATCH', path, {
    body: file.slice(at, at + PieceBytes),
    headers: { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(at) },
    signal,
  });
  return response.json();
}

// Waits for a server that is away.
async function persist(ask, progress, signal) {
  for (; ;) {
    try {
      return await ask();
    } catch (e) {
      if (!(e instanceof ApiError) || !(e.isOffline || e.code === 'too-fast')) throw e;
      progress('waiting', 0);
      await pause(RetryMilliseconds, signal);
    }
  }
}
