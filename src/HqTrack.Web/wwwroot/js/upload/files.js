// What a person dropped or chose, sorted out.

const Images = /\.(jpe?g|png|webp|gif)$/i;
const Videos = /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|ts|m2ts|wmv|flv|ogv|3gp|y4m|mjpe?g)$/i;
const collator = new Intl.Collator('en', { numeric: true });

/** Every file of a drop, those in folders too. */
export async function droppedFiles(transfer) {
  const entries = [...transfer.items].map(item => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.every(entry => entry.isFile)) return [...transfer.files];
  return (await Promise.all(entries.map(walk))).flat().filter(file => !file.name.startsWith('.')); // .DS_Store and its like
}

async function walk(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const found = [];
  for (; ;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // at most 100 at a time
    if (some.length === 0) return (await Promise.all(found.map(walk))).flat();
    found.push(...some);
  }
}

/**
 * Videos, images in the order of their numbers, and the rest. A GIF or WebP alone may be an animation; the server sees that.
 * @param {File[]} files
 */
export function sort(files) {
  const isImage = file => Images.test(file.name) || /^image\/(jpeg|png|webp|gif)$/.test(file.type);
  const isVideo = file => !isImage(file) && (Videos.test(file.name) || file.type.startsWith('video/'));
  return {
    videos: files.filter(isVideo),
    images: files.filter(isImage).sort((a, b) => collator.compare(a.name, b.name)),
    others: files.filter(file => !isImage(file) && !isVideo(file)),
  };
}

/** A project's name from a file's. */
export const nameOf = file => file.name.replace(/\.[^.]+$/, '').slice(0, 200) || 'Untitled';
