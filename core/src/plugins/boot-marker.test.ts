import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type MarkedStep, openBootMarker } from './boot-marker.ts';

const step: MarkedStep = { plugin: 'crm', version: '1.0.0', step: 'start' };
let file: string;
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'jackfield-marker-')), 'data', 'boot-marker.json');
});

describe('the boot marker', () => {
  it('names the plugin whose step did not come back, until it is cleared', () => {
    openBootMarker(file).begin(step);
    expect(openBootMarker(file).crashed).toEqual([step]);
    const third = openBootMarker(file);
    expect(third.crashed).toEqual([step]);
    third.clear('crm');
    expect(openBootMarker(file).crashed).toEqual([]);
  });

  it('stays cleared when that was done beside a running server', () => {
    openBootMarker(file).begin(step);
    const server = openBootMarker(file);
    openBootMarker(file).clear('crm');
    server.end();
    expect(openBootMarker(file).crashed).toEqual([]);
  });

  it('names nobody after steps that ended', () => {
    const marker = openBootMarker(file);
    marker.begin(step);
    marker.end();
    expect(openBootMarker(file).crashed).toEqual([]);
  });

  it('keeps the earlier victims when another follows', () => {
    openBootMarker(file).begin(step);
    openBootMarker(file).begin({ ...step, plugin: 'ivr' });
    expect(openBootMarker(file).crashed.map(({ plugin }) => plugin)).toEqual(['crm', 'ivr']);
  });

  it('does not keep the server down when the file is broken', () => {
    openBootMarker(file).begin(step);
    writeFileSync(file, '{"running":');
    expect(openBootMarker(file).crashed).toEqual([]);
  });
});
