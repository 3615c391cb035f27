// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` is FreeSWITCH syntax here
import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';
import { deleteReceipt, parseReceipts, receiptVariables } from './receipts.ts';
import { SUBSCRIPTION } from './subscriptions.ts';
import { parseSwitchUrl } from './url.ts';

describe('parseSwitchUrl', () => {
  it.each([
    ['esl://:ClueCon@localhost:8021', { host: 'localhost', port: 8021, password: 'ClueCon' }],
    ['esl://:p%40ss%3A@10.0.0.1:9000/', { host: '10.0.0.1', port: 9000, password: 'p@ss:' }],
    ['esl://fs.example.org', { host: 'fs.example.org', port: 8021, password: 'ClueCon' }],
    ['esl://:x@[::1]:8022', { host: '::1', port: 8022, password: 'x' }],
  ])('reads %s', (text, address) => {
    expect(parseSwitchUrl(text)).toEqual(address);
  });

  it.each([
    ['localhost', 'is not a URL'],
    ['http://:x@localhost', 'begins with http://'],
    ['esl://:x@', 'is not a URL'],
    ['esl://secret@localhost', 'colon before the password'],
    ['esl://:x@localhost/path', 'has a path'],
    ['esl://:x@localhost?a=b', 'has a query'],
    ['esl://:%zz@localhost', 'malformed percent escape'],
    ['esl://:a%0Ab@localhost', 'line break'],
  ])('says what is wrong with %s', (text, why) => {
    expect(() => parseSwitchUrl(text)).toThrow(why);
    expect(() => parseSwitchUrl(text)).toThrow('esl://:password@host:8021');
  });

  it('never repeats the password', () => {
    try {
      parseSwitchUrl('esl://:topsecret@localhost/path');
    } catch (error) {
      expect(String(error)).not.toContain('topsecret');
    }
  });
});

describe('backoffMs', () => {
  it('doubles up to a limit, with jitter downwards', () => {
    const options = { firstMs: 500, maxMs: 10_000 };
    expect([1, 2, 3, 4, 5, 6, 60].map((attempt) => backoffMs(attempt, options, 0.999999))).toEqual([
      500, 1000, 2000, 4000, 8000, 10_000, 10_000,
    ]);
    expect(backoffMs(3, options, 0)).toBe(1000);
  });
});

describe('receipts', () => {
  it('are written by the switch itself at the end of a leg', () => {
    expect(receiptVariables('u-1')).toEqual({
      api_reporting_hook: 'hash insert/jackfield/u-1/${end_uepoch}|${answer_uepoch}|${hangup_cause}',
    });
    expect(deleteReceipt('u-1')).toBe('hash delete/jackfield/u-1');
    expect(() => receiptVariables('u/1')).toThrow('not a channel id');
  });

  it('are read from the table, whoever else writes there', () => {
    const text = [
      'D/jackfield_u-1/1795165640300193|1795165637140148|NORMAL_CLEARING',
      'D/jackfield_u-2/1795165640300193|0|USER_BUSY',
      'D/jackfield_u-3/1795165640300193||ORIGINATOR_CANCEL',
      'D/other_jackfield_u-4/1795165640300193|0|X',
      'D/jackfield_u-5/|0|X',
      'D/jackfield_broken',
      'L/jackfield_x/1/2/3/4',
      '',
    ].join('\n');
    expect(parseReceipts(text)).toEqual([
      { uuid: 'u-1', endedAt: 1795165640300, answeredAt: 1795165637140, cause: 'NORMAL_CLEARING' },
      { uuid: 'u-2', endedAt: 1795165640300, answeredAt: null, cause: 'USER_BUSY' },
      { uuid: 'u-3', endedAt: 1795165640300, answeredAt: null, cause: 'ORIGINATOR_CANCEL' },
    ]);
    expect(parseReceipts('-ERR hash_dump Command not found!\n')).toEqual([]);
  });
});

describe('the subscription', () => {
  it('is by name, and CUSTOM comes last, since it swallows what follows', () => {
    expect(SUBSCRIPTION).not.toContain('ALL');
    const custom = SUBSCRIPTION.indexOf('CUSTOM');
    expect(SUBSCRIPTION.slice(custom + 1).every((name) => name.includes('::'))).toBe(true);
    expect(SUBSCRIPTION.slice(0, custom).some((name) => name.includes('::'))).toBe(false);
  });
});
