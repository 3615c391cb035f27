import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Acme, openAcme } from '../testing/acme.fixture.ts';
import { toneStream } from './tones.ts';
import { findAdapter } from './tts.ts';
import { durationMs } from './wav.ts';

let acme: Acme;
beforeAll(async () => {
  acme = await openAcme();
});
afterAll(() => acme.app.stop());

describe('the voice of this machine', () => {
  it('speaks both languages, and takes a text that looks like an option as a text', async () => {
    const adapter = await findAdapter();
    for (const [text, locale] of [
      ['欢迎致电,请稍候。', 'zh-CN'],
      ['Welcome. Please hold the line.', 'en'],
      ['--version', 'en'],
    ] as const) {
      const sound = await adapter.render(text, locale);
      expect(sound.rate).toBe(8_000);
      expect(durationMs(sound)).toBeGreaterThan(300);
    }
  });

  it('is replaced by tones where there is none', async () => {
    expect((await findAdapter('/nowhere')).id).toBe('tones');
  });
});

describe('tones', () => {
  it('are one round for looping, or as long as is asked', () => {
    expect(toneStream('ringback')).toBe('tone_stream://%(1000,4000,450)');
    expect(toneStream('ringback', 12_000)).toBe('tone_stream://%(1000,4000,450);loops=3');
    expect(toneStream('silence', 500)).toBe('silence_stream://500');
  });
});

describe('the words of a prompt', () => {
  it('are told for a file of ours only', async () => {
    for (const path of ['/etc/passwd', `/tmp/${'a'.repeat(64)}.wav`, '../../x.wav']) {
      const query = `?path=${encodeURIComponent(path)}`;
      expect((await acme.app.anonymous.get(`/api/telephony/prompts/text${query}`)).status).toBe(404);
      expect((await acme.app.anonymous.get(`/api/telephony/prompts/audio${query}`)).status).toBe(404);
    }
  });
});
