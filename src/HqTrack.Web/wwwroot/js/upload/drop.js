import { byId } from '../lib/dom.js';
import { droppedFiles } from './files.js';

/** Takes files that are dropped anywhere. @param {(files: File[]) => void} take */
export function catchDrops(take) {
  const veil = byId('drop-veil');
  let depth = 0; // every element that is entered on the way is left again
  const isFiles = event => event.dataTransfer?.types.includes('Files');
  const shown = isShown => { veil.hidden = !isShown; };
  addEventListener('dragenter', event => {
    if (!isFiles(event)) return;
    event.preventDefault();
    depth++;
    shown(true);
  });
  addEventListener('dragover', event => isFiles(event) && event.preventDefault());
  addEventListener('dragleave', event => {
    if (isFiles(event) && --depth <= 0) shown(false);
  });
  addEventListener('drop', async event => {
    if (!isFiles(event)) return;
    event.preventDefault();
    depth = 0;
    shown(false);
    take(await droppedFiles(event.dataTransfer));
  });
}
