// Hashes a file beside the page. Message in: a File; out: { progress: 0..1 } now and then, { sha256 } or { error } at the end.

import { Sha256 } from '../lib/sha256.js';

const PieceBytes = 4 << 20;

addEventListener('message', async ({ data: file }) => {
  try {
    const hash = new Sha256();
    for (let at = 0; at < file.size; at += PieceBytes) {
      hash.update(new Uint8Array(await file.slice(at, at + PieceBytes).arrayBuffer()));
      postMessage({ progress: Math.min(1, (at + PieceBytes) / file.size) });
    }
    postMessage({ sha256: hash.hex() });
  } catch {
    postMessage({ error: 'The file cannot be read any more. Drop it again.' });
  }
});
