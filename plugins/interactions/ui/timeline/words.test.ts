import { describe, expect, it } from 'vitest';
import type { Entry } from '../types.ts';
import { type Language, outcomeWords, wordsOf } from './words.ts';

const fax: Readonly<Record<string, string>> = {
  'timeline.fax.sent': 'Sent',
  'timeline.fax.page': 'Page {n} after {tookMs}',
  'timeline.fax.queued': 'Waiting in {queueName}',
  'timelineMinor.fax.tone': 'Carrier heard',
  'timelineValue.why.no-paper': 'out of paper',
  'outcome.delivered': 'Delivered',
  'outcome.fax.cut': 'Line was cut',
};
/** Texts of the plugin `fax`; all others have none. */
const language: Language = {
  textsOf: (plugin) => ({
    has: (key) => plugin === 'fax' && key in fax,
    t: (key, values = {}) =>
      (fax[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name])),
  }),
  duration: (milliseconds) => `${milliseconds / 1_000} s`,
};
const entry = (kind: string, data: Entry['data'] = {}): Entry => ({
  id: '1',
  kind,
  at: 0,
  userId: null,
  userName: null,
  data,
});
const words = (kind: string, data?: Entry['data']) => wordsOf(entry(kind, data), language);

describe('the words of a line of the timeline', () => {
  it('are those of the plugin that its kind is named after', () => {
    expect(words('fax.sent')).toEqual({ text: 'Sent', details: [], minor: false });
  });

  it('are the kind itself when that plugin has none, or is gone', () => {
    expect(words('fax.unheard-of').text).toBe('fax.unheard-of');
    expect(words('pager.beep')).toEqual({ text: 'pager.beep', details: [], minor: false });
  });

  it('stand apart when only technicians miss them', () => {
    expect(words('fax.tone')).toMatchObject({ text: 'Carrier heard', minor: true });
  });

  it('are filled with the values, lengths of time as people read them', () => {
    expect(words('fax.page', { n: 3, tookMs: 65_000 }).text).toBe('Page 3 after 65 s');
  });

  it('are followed by what they do not say, and by codes in words', () => {
    expect(words('fax.sent', { queueName: 'Sales', why: 'no-paper', legId: 'x' }).details).toEqual([
      'Sales',
      'out of paper',
    ]);
    expect(words('fax.queued', { queueName: 'Sales' })).toMatchObject({
      text: 'Waiting in Sales',
      details: [],
    });
  });

  it('never take a value from outside for a key', () => {
    expect(words('fax.sent', { why: 'a b]', label: '' }).details).toEqual([]);
  });
});

describe('the outcome of a contact', () => {
  const of = (outcome: string | null, plugin = 'fax') =>
    outcomeWords({ outcome, ref: { plugin, id: '1' } }, language);

  it('is a word of the plugin that runs the channel, or of the one that it is named after', () => {
    expect(of('delivered')).toBe('Delivered');
    expect(of('fax.cut', 'telephony')).toBe('Line was cut');
  });
  it('is the code itself when nobody has a word for it, and nothing while the contact lasts', () => {
    expect(of('lost')).toBe('lost');
    expect(of('delivered', 'telephony')).toBe('delivered');
    expect(of(null)).toBeNull();
  });
});
