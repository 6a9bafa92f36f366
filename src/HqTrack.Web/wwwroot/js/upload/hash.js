// The worker is there from the beginning: a server that is away could not give it later.
const worker = new Worker('/js/upload/hash-worker.js', { type: 'module' });
const asked = new Map();
let last = 0;

worker.addEventListener('message', ({ data }) => {
  const { resolve, reject, progress } = asked.get(data.id) ?? {};
  if (data.progress !== undefined) {
    progress?.(data.progress);
    return;
  }
  asked.delete(data.id);
  if (data.sha256) resolve?.(data.sha256);
  else reject?.(new Error(data.error));
});

/**
 * A file's SHA-256, made beside the page.
 * @param {File} file
 * @param {(share: number) => void} progress
 * @param {AbortSignal} signal
 * @returns {Promise<string>} 64 hexadecimal digits
 */
export function hashFile(file, progress, signal) {
  const id = ++last;
  return new Promise((resolve, reject) => {
    asked.set(id, { resolve, reject, progress });
    signal.addEventListener('abort', () => {
      if (!asked.delete(id)) return;
      worker.postMessage({ id });
      reject(new DOMException('stopped', 'AbortError'));
    }, { once: true });
    worker.postMessage({ id, file });
  });
}
