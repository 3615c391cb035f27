import { describe, expect, it } from 'vitest';
import { maskNumber, maskNumbersIn, maskRecord } from './mask.ts';

describe('[core-41] masking', () => {
  it.each([
    ['13800138000', '138****8000'],
    ['+8613800138000', '+86138****8000'],
    ['+86 138-0013-8000', '+86138****8000'],
    ['02112345678', '021****5678'],
    ['12345678', '12****78'],
    ['1001', '1001'],
    ['10086', '10086'],
    ['', ''],
  ])('shows %s as %s', (number, masked) => {
    expect(maskNumber(number)).toBe(masked);
  });

  it.each([
    ['/api/crm/customers/13800138000/calls', '/api/crm/customers/138****8000/calls'],
    ['call 138 0013 8000, then 1001', 'call 138****8000, then 1001'],
    ['/api/x/01ARZ3NDEKTSV4RRFFQ69G5FAV', '/api/x/01ARZ3NDEKTSV4RRFFQ69G5FAV'],
    ['2026-11-20 ok', '2026-11-20 ok'],
  ])('masks within "%s"', (text, masked) => {
    expect(maskNumbersIn(text)).toBe(masked);
  });

  it('goes through records by key, at every depth', () => {
    const record = {
      name: '13800138000',
      mobile: '13800138000',
      agents: [{ callerNumber: '13900139000', sipPassword: 'x' }],
      apiKey: 'sk-1',
      phones: ['13700137000'],
      tokenCount: null,
      rings: 13800138000,
    };
    expect(maskRecord(record)).toEqual({
      name: '13800138000',
      mobile: '138****8000',
      agents: [{ callerNumber: '139****9000', sipPassword: '***' }],
      apiKey: '***',
      phones: ['137****7000'],
      tokenCount: null,
      rings: 13800138000,
    });
  });
});
