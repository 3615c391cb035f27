import type { Picture } from './png.ts';

/** Pixels. The piece is a square with a knob on its right side, within `pieceSize`. */
export const puzzleWidth = 300;
export const puzzleHeight = 150;
export const pieceSize = 54;

/** 0 ≤ value < 1, as Math.random; seeded in tests. */
export type Random = () => number;

export interface Puzzle {
  /** The scene with a darkened gap. */
  readonly background: Picture;
  /** What is missing there, on transparent ground. */
  readonly piece: Picture;
}

/**
 * Draws the puzzle. Pixels and not SVG, in whose text the place of the gap could be read; a false, fainter gap makes looking
 * for dark pixels alone less of a success.
 */
export function drawPuzzle(gap: { readonly x: number; readonly y: number }, random: Random): Puzzle {
  const scene = drawScene(random);
  const piece: Picture = {
    width: pieceSize,
    height: pieceSize,
    pixels: new Uint8Array(pieceSize * pieceSize * 4),
  };
  const background: Picture = { ...scene, pixels: scene.pixels.slice() };
  const decoyX = gap.x > puzzleWidth / 2 ? gap.x - 2 * pieceSize : gap.x + pieceSize + 20;
  const decoyY = (gap.y + 37) % (puzzleHeight - pieceSize);
  for (let y = 0; y < pieceSize; y += 1) {
    for (let x = 0; x < pieceSize; x += 1) {
      if (!inPiece(x, y)) continue;
      const edge = !inPiece(x - 1, y) || !inPiece(x + 1, y) || !inPiece(x, y - 1) || !inPiece(x, y + 1);
      const from = ((gap.y + y) * puzzleWidth + gap.x + x) * 4;
      const to = (y * pieceSize + x) * 4;
      for (let channel = 0; channel < 3; channel += 1) {
        piece.pixels[to + channel] = edge ? 255 : (scene.pixels[from + channel] ?? 0);
      }
      piece.pixels[to + 3] = 255;
      darken(background, gap.x + x, gap.y + y, edge ? 0.85 : 0.45);
      darken(background, decoyX + x, decoyY + y, edge ? 0.9 : 0.75);
    }
  }
  return { background, piece };
}

function inPiece(x: number, y: number): boolean {
  const square = 42;
  const margin = 6;
  if (x >= margin && x < square && y >= margin && y < margin + square) {
    // A notch in the upper edge, as wide as the knob.
    return (x - 24) ** 2 + (y - margin) ** 2 > 49;
  }
  return (x - square) ** 2 + (y - 27) ** 2 <= 64 && x >= square;
}

function darken(picture: Picture, x: number, y: number, factor: number): void {
  if (x < 0 || y < 0 || x >= picture.width || y >= picture.height) return;
  const at = (y * picture.width + x) * 4;
  for (let channel = 0; channel < 3; channel += 1) {
    picture.pixels[at + channel] = (picture.pixels[at + channel] ?? 0) * factor;
  }
}

/** Soft blobs of colour over a gradient, with grain. Some 5 ms, since it holds up the event loop. */
function drawScene(random: Random): Picture {
  const pixels = new Uint8Array(puzzleWidth * puzzleHeight * 4);
  const sky = [90 + random() * 100, 120 + random() * 100, 120 + random() * 100];
  for (let y = 0, at = 0; y < puzzleHeight; y += 1) {
    const shade = 1 - y / (2 * puzzleHeight);
    for (let x = 0; x < puzzleWidth; x += 1, at += 4) {
      // Four levels, so that the picture still compresses.
      const grain = Math.floor(random() * 4) * 7;
      for (let channel = 0; channel < 3; channel += 1)
        pixels[at + channel] = (sky[channel] ?? 0) * shade + grain;
      pixels[at + 3] = 255;
    }
  }
  for (let blob = 0; blob < 14; blob += 1) drawBlob(pixels, random);
  return { width: puzzleWidth, height: puzzleHeight, pixels };
}

function drawBlob(pixels: Uint8Array, random: Random): void {
  const [centerX, centerY, radius] = [random() * puzzleWidth, random() * puzzleHeight, 15 + random() * 45];
  const color = [random() * 255, random() * 255, random() * 255];
  for (
    let y = Math.max(0, Math.ceil(centerY - radius));
    y < Math.min(puzzleHeight, centerY + radius);
    y += 1
  ) {
    for (
      let x = Math.max(0, Math.ceil(centerX - radius));
      x < Math.min(puzzleWidth, centerX + radius);
      x += 1
    ) {
      const weight = 0.8 * Math.min(1, 3 * (1 - Math.hypot(x - centerX, y - centerY) / radius));
      if (weight <= 0) continue;
      const at = (y * puzzleWidth + x) * 4;
      for (let channel = 0; channel < 3; channel += 1) {
        pixels[at + channel] = (pixels[at + channel] ?? 0) * (1 - weight) + (color[channel] ?? 0) * weight;
      }
    }
  }
}
