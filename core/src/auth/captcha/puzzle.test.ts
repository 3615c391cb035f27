import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodePng } from './png.ts';
import { drawPuzzle, pieceSize, puzzleHeight, puzzleWidth, type Random } from './puzzle.ts';

function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}
const pixel = (pixels: Uint8Array, width: number, x: number, y: number) =>
  [0, 1, 2].map((channel) => pixels[(y * width + x) * 4 + channel] ?? -1);

it('[core-33] cuts the piece out of the very place where the gap is', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 74, max: 230 }),
      fc.integer({ min: 0, max: 95 }),
      fc.nat(),
      (x, y, seed) => {
        const { background, piece } = drawPuzzle({ x, y }, seeded(seed));
        let inside = 0;
        for (let dy = 1; dy < pieceSize - 1; dy += 1) {
          for (let dx = 1; dx < pieceSize - 1; dx += 1) {
            const opaque = piece.pixels[(dy * pieceSize + dx) * 4 + 3] === 255;
            const cut = pixel(piece.pixels, pieceSize, dx, dy);
            // The white rim is not part of the scene.
            if (!opaque || cut.every((channel) => channel === 255)) continue;
            inside += 1;
            const gap = pixel(background.pixels, puzzleWidth, x + dx, y + dy);
            const expected = cut.map((channel) => Math.trunc(channel * 0.45));
            expect(gap).toEqual(expected);
          }
        }
        expect(inside).toBeGreaterThan(1_000);
      },
    ),
    { numRuns: 10, seed: 20261120 },
  );
});

it('writes PNG that can be read back', () => {
  const { background } = drawPuzzle({ x: 100, y: 20 }, seeded(7));
  const png = encodePng(background);
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([puzzleWidth, puzzleHeight]);
  const length = png.readUInt32BE(33);
  expect(png.subarray(37, 41).toString()).toBe('IDAT');
  const lines = inflateSync(png.subarray(41, 41 + length));
  expect(lines.length).toBe((puzzleWidth * 4 + 1) * puzzleHeight);
  const row = 20 * (puzzleWidth * 4 + 1) + 1;
  expect([...lines.subarray(row, row + 8)]).toEqual([
    ...background.pixels.subarray(20 * puzzleWidth * 4, 20 * puzzleWidth * 4 + 8),
  ]);
});
