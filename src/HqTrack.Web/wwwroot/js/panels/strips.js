// A row for each object over all frames: height is how sure the tracker is, and marks say what a person set, what is locked, and where objects were lost.

export const RowHeight = 18;
const Unsure = 0.6;

/**
 * @param {CanvasRenderingContext2D} context scaled to CSS pixels
 * @param {number} width of the strips
 * @param {{tracks: any, objects: any[], count: number, selected: number|null}} what
 * @param {{ground: string, text: string, bad: string}} colors of the theme
 */
export function drawStrips(context, width, { tracks, objects, count, selected }, colors) {
  const rows = new Map(tracks.objects.map(row => [row.object, row]));
  const step = width / Math.max(1, count);
  objects.forEach((object, i) => {
    const top = i * RowHeight + 3;
    const height = RowHeight - 6;
    context.globalAlpha = object.id === selected ? 0.22 : 0.1;
    context.fillStyle = colors.text;
    context.fillRect(0, top, width, height);
    context.globalAlpha = 1;
    const row = rows.get(object.id);
    if (row) drawRow(context, row, { step, top, height }, object, colors);
    for (const event of tracks.events) if (event.object === object.id) drawEvent(context, event, (event.frame + 0.5) * step, top, height, colors);
  });
}

// A pixel column shows the least sure of its frames.
function drawRow(context, row, { step, top, height }, object, colors) {
  const columns = Math.max(1, Math.ceil(1 / step));
  for (let frame = 0; frame < row.source.length; frame += columns) {
    let least = Infinity;
    for (let i = frame; i < Math.min(frame + columns, row.source.length); i++) if (row.confidence[i] !== null) least = Math.min(least, row.confidence[i]);
    if (least === Infinity) continue;
    const tall = Math.max(2, height * least);
    context.fillStyle = least < Unsure && row.source[frame] === 't' ? colors.bad : object.color;
    const left = Math.floor(frame * step); // whole pixels: no seams
    context.fillRect(left, top + height - tall, Math.max(1, Math.ceil((frame + columns) * step) - left), tall);
  }
  for (let frame = 0; frame < row.source.length; frame++) {
    if (row.source[frame] === 'p') drawDiamond(context, (frame + 0.5) * step, top + height / 2, 5, colors);
    if (row.source[frame] === 'l') {
      context.fillStyle = colors.text;
      context.fillRect(frame * step, top + height - 2, Math.max(2, step), 2);
    }
  }
}

function drawDiamond(context, x, y, radius, colors) {
  context.beginPath();
  context.moveTo(x, y - radius);
  context.lineTo(x + radius, y);
  context.lineTo(x, y + radius);
  context.lineTo(x - radius, y);
  context.closePath();
  context.fillStyle = colors.ground;
  context.strokeStyle = colors.text;
  context.lineWidth = 1.5;
  context.fill();
  context.stroke();
}

function drawEvent(context, { event }, x, top, height, colors) {
  if (event !== 'lost' && event !== 'reappeared') return;
  const [tip, base] = event === 'lost' ? [top + height, top + height - 7] : [top, top + 7];
  context.beginPath();
  context.moveTo(x, tip);
  context.lineTo(x + 4.5, base);
  context.lineTo(x - 4.5, base);
  context.closePath();
  context.fillStyle = event === 'lost' ? colors.bad : colors.text;
  context.fill();
}
