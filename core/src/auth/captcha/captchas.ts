import type { Clock } from '../../boot/clock.ts';
import type { PluginData } from '../../data/contract.ts';
import { Captcha } from '../entities/captcha.entity.ts';
import { encodePng, type Picture } from './png.ts';
import { drawPuzzle, pieceSize, puzzleHeight, puzzleWidth, type Random } from './puzzle.ts';

/** Pixels the piece may be off. */
const tolerance = 6;
const lifetimeMs = 120_000;

export interface CaptchaPuzzle {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly pieceSize: number;
  /** Height at which the piece slides, from the top. */
  readonly pieceY: number;
  /** PNG as `data:` addresses. */
  readonly background: string;
  readonly piece: string;
}
export interface Captchas {
  create(): Promise<CaptchaPuzzle>;
  /** Each puzzle can be answered once, rightly or wrongly, within two minutes. */
  solve(answer: { readonly id: string; readonly x: number }): Promise<boolean>;
  sweep(now: number): Promise<void>;
}

export function createCaptchas(data: PluginData, clock: Clock, random: Random): Captchas {
  const repo = () => data.repo(Captcha);
  return {
    async create() {
      // Right of where the piece begins, so that doing nothing is never the answer.
      const gapX = Math.floor(pieceSize + 20 + random() * (puzzleWidth - 2 * pieceSize - 30));
      const gapY = Math.floor(random() * (puzzleHeight - pieceSize));
      const { background, piece } = drawPuzzle({ x: gapX, y: gapY }, random);
      const row = await repo().insert({ gapX, expiresAt: clock.now() + lifetimeMs });
      return {
        id: row.id,
        width: puzzleWidth,
        height: puzzleHeight,
        pieceSize,
        pieceY: gapY,
        background: dataUri(background),
        piece: dataUri(piece),
      };
    },
    async solve({ id, x }) {
      const row = await repo().findOne({ id });
      // Whoever removes it has used it; of two answers at the same moment one finds nothing.
      const used = row !== null && (await repo().deleteWhere({ id })) === 1;
      return used && row.expiresAt > clock.now() && Math.abs(row.gapX - x) <= tolerance;
    },
    async sweep(now) {
      await repo().deleteWhere({ expiresAt: { lt: now } });
    },
  };
}

function dataUri(picture: Picture): string {
  return `data:image/png;base64,${encodePng(picture).toString('base64')}`;
}
