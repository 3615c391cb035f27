import type { Page } from 'playwright-core';

/**
 * Slides the piece into its gap, found as a person finds it: by the picture. The gap is the piece in shade, so it is
 * where the darkened piece differs least from the ground.
 */
export async function solveCaptcha(page: Page): Promise<void> {
  const slider = page.locator('.jf-captcha input[type=range]');
  await slider.waitFor();
  const x = await page.evaluate(findGap);
  await slider.fill(String(x));
}

/** Runs in the page. */
function findGap(): number {
  const [ground, piece] = [...document.querySelectorAll<HTMLImageElement>('.jf-captcha__picture img')];
  if (!ground || !piece) throw new Error('There is no puzzle.');
  const pixels = (image: HTMLImageElement) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    const context = canvas.getContext('2d');
    if (!context) throw new Error('There is no canvas.');
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, image.width, image.height).data;
  };
  const [scene, cut] = [pixels(ground), pixels(piece)];
  const top = new DOMMatrix(getComputedStyle(piece).transform).m42;
  let best = { x: 0, error: Number.POSITIVE_INFINITY };
  for (let x = 0; x <= ground.width - piece.width; x += 1) {
    let error = 0;
    for (let i = 0; i < cut.length; i += 4) {
      if (cut[i + 3] !== 255) continue;
      const at = ((top + Math.floor(i / 4 / piece.width)) * ground.width + x + ((i / 4) % piece.width)) * 4;
      error += Math.abs((scene[at] ?? 0) - 0.45 * (cut[i] ?? 0));
    }
    if (error < best.error) best = { x, error };
  }
  return best.x;
}
