// Hashes files beside the page. In: { id, file }, or { id } to stop; out: { id, progress: 0..1 } now and then, { id, sha256 } or { id, error } at the end.

import { Sha256 } from '../lib/sha256.js';

const PieceBytes = 4 << 20;
const stopped = new Set();

addEventListener('message', async ({ data: { id, file } }) => {
  if (!file) {
    stopped.add(id);
    return;
  }
  try {
    const hash = new Sha256();
    for (let at = 0; at < file.size; at += PieceBytes) {
      hash.update(new Uint8Array(await file.slice(at, at + PieceBytes).arrayBuffer()));
      if (stopped.delete(id)) return;
      postMessage({ id, progress: Math.min(1, (at + PieceBytes) / file.size) });
    }
    postMessage({ id, sha256: hash.hex() });
  } catch {
    postMessage({ id, error: 'The file cannot be read any more. Drop it again.' });
  }
});
