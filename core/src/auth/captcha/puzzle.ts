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

/** Soft blobs of colour over a gradient, with grain. */
function drawScene(random: Random): Picture {
  const pixels = new Uint8Array(puzzleWidth * puzzleHeight * 4);
  const blobs = Array.from({ length: 14 }, () => ({
    x: random() * puzzleWidth,
    y: random() * puzzleHeight,
    radius: 15 + random() * 45,
    color: [random() * 255, random() * 255, random() * 255],
  }));
  const sky = [90 + random() * 100, 120 + random() * 100, 120 + random() * 100];
  for (let y = 0; y < puzzleHeight; y += 1) {
    for (let x = 0; x < puzzleWidth; x += 1) {
      const at = (y * puzzleWidth + x) * 4;
      const grain = (random() - 0.5) * 30;
      let color = sky.map((channel) => channel * (1 - y / (2 * puzzleHeight)));
      for (const blob of blobs) {
        const distance = Math.hypot(x - blob.x, y - blob.y) / blob.radius;
        if (distance >= 1) continue;
        const weight = 0.8 * Math.min(1, 3 * (1 - distance));
        color = color.map((channel, index) => channel * (1 - weight) + (blob.color[index] ?? 0) * weight);
      }
      for (let channel = 0; channel < 3; channel += 1) {
        pixels[at + channel] = Math.max(0, Math.min(255, (color[channel] ?? 0) + grain));
      }
      pixels[at + 3] = 255;
    }
  }
  return { width: puzzleWidth, height: puzzleHeight, pixels };
}
