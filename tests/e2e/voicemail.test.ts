import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { until } from '../../core/test-kit/until.ts';
import { startEmulatorProcess } from '../support/emulator-process.ts';
import { choose, type Desk } from './steps/desk.ts';
import { FlowEditor } from './steps/flow-editor.ts';
import type { Phone } from './steps/phone.ts';
import { onStage } from './steps/stage.ts';

const HOTLINE = '4008001234';
const known = { number: '13800138000', name: '林晓雯' };
interface Listed {
  readonly items: readonly { readonly callId: string; readonly ms: number | null }[];
}
interface CallRecord {
  readonly outcome: string | null;
}
const messagesOf = async (desk: Desk) => (await desk.get<Listed>('voicemail/messages')).items;

/** Key 0 of the demo's menu; resolves when the beep is over, and he speaks. */
async function reachBox(customer: Phone): Promise<void> {
  await customer.dial(HOTLINE);
  await customer.hearsAnything();
  await customer.press('0');
  await until('the beep', async () => (await customer.heard()).some((line) => line.includes('Tone')), 30_000);
}
async function spoken(ms: number): Promise<void> {
  const since = performance.now();
  await until('he has spoken', () => performance.now() - since >= ms, ms + 5_000);
}

onStage('voicemail', {}, (stage) => {
  it('[ivr-07] [voicemail-01] [voicemail-04] [voicemail-05] [voicemail-09] takes a message after a key of the menu, and a supervisor hears it', async () => {
    const sara = await stage().worker('sara@acme');
    await sara.choose('Voicemail');
    await sara.sees('No messages');
    await sara.shots('voicemail-empty', () => sara.page.locator('.jf-state__title').waitFor());

    const customer = await stage().customer({ from: known.number });
    await reachBox(customer);
    await customer.desk.shot('voicemail-phone');
    await spoken(2_000);
    await customer.press('#');
    await customer.hears(/感谢|Thank you/);
    await customer.endsWith('system');

    // It stands there by itself, and the title and the bar say that nobody has heard it.
    await sara.row(known.name).waitFor();
    await sara.page.locator('.jf-page__title', { hasText: '1 unheard' }).waitFor();
    await sara.page.locator('.vm-link', { hasText: '1' }).waitFor();
    await sara.shots('voicemail-list', () => sara.row(known.name).waitFor());

    // By the keys of the list.
    await sara.page.locator('.jf-list__table').focus();
    await sara.page.keyboard.press('ArrowDown');
    await sara.page.keyboard.press('Enter');
    const { drawer } = sara;
    const audio = drawer.root.locator('audio');
    const position = () => audio.evaluate((element: HTMLAudioElement) => element.currentTime);
    await drawer.root.getByRole('button', { name: 'Play' }).click();
    await expect.poll(position).toBeGreaterThan(0.2);
    await drawer.root.getByRole('button', { name: 'Pause' }).click();
    const length = await audio.evaluate((element: HTMLAudioElement) => element.duration);
    expect(length).toBeGreaterThan(1.2);
    await drawer.root.locator('.jf-sound__seek').fill('1');
    await expect.poll(position).toBeCloseTo(1, 1);

    await drawer.root.getByText(/^Heard$/).waitFor();
    await sara.page.locator('.jf-page__title', { hasText: /^Voicemail$/ }).waitFor();
    expect(await sara.page.locator('.vm-link').count()).toBe(0);
    await sara.shots('voicemail-message', async () => {
      await sara.page.locator('.jf-sound').waitFor();
      await sara.page.getByRole('button', { name: /^(Play|播放)$/ }).click();
      await sara.page.getByRole('button', { name: /^(Pause|暂停)$/ }).click();
    });
    await drawer.root.getByRole('button', { name: 'Mark as unheard' }).click();
    await sara.page.locator('.vm-link').waitFor();

    const downloading = sara.page.waitForEvent('download');
    await drawer.root.getByRole('link', { name: 'Download' }).click();
    const file = await downloading;
    expect(file.suggestedFilename()).toMatch(/^\d{8}-\d{6}-\+86138xxxx8000\.wav$/);
    expect((await readFile(await file.path())).toString('latin1', 0, 4)).toBe('RIFF');
  });

  it('[voicemail-08] is told by the record of the call, which plays it too', async () => {
    const sara = await stage().worker('sara@acme');
    const [{ callId } = { callId: '' }] = await messagesOf(sara);
    expect((await sara.get<CallRecord>(`telephony/calls/${callId}`)).outcome).toBe('voicemail-left');
    await sara.open(`/p/telephony/calls?call=${callId}`);
    const { drawer } = sara;
    await drawer.root.locator('.vm-call .jf-sound').waitFor();
    await drawer.root.locator('.el-tag', { hasText: 'Voicemail left' }).waitFor();
    await sara.shots('voicemail-record', () => sara.page.locator('.vm-call .jf-sound').waitFor());
  });

  it('deletes a message after a question, and the operation log says so', async () => {
    const sara = await stage().worker('sara@acme');
    await sara.choose('Voicemail');
    await sara.row(known.name).click();
    await sara.drawer.root.getByRole('button', { name: 'Delete' }).click();
    await sara.confirm('Delete');
    await sara.sees('No messages');
    expect(await messagesOf(sara)).toEqual([]);
    const admin = await stage().worker('admin@acme');
    await admin.open('/admin/audit');
    await admin.sees('Message deleted');
  });

  it('[ivr-07] has boxes that an administrator makes, and chooses in a call flow', async () => {
    const admin = await stage().worker('admin@acme');
    await admin.choose('Voicemail boxes');
    await admin.button('New box').click();
    await admin.drawer.fill({ Name: 'Night shift', Greeting: 'We are asleep.' });
    await admin.shots('voicemail-boxes', () => admin.page.locator('.el-table__body tr').first().waitFor());
    await admin.button('New box').click();
    await admin.drawer.fill({ Name: 'Night shift', Greeting: 'We are asleep.' });
    await admin.shot('voicemail-box');
    await admin.drawer.save();
    await admin.row('Night shift').waitFor();

    const editor = new FlowEditor(admin);
    await editor.create('At night');
    const box = await editor.add('To voicemail', 'Leave a message');
    await choose(box.card.locator('.el-form-item .el-select').first(), /Night shift/);
    const start = await editor.open('start');
    await start.leadsTo('Then', 'Leave a message');
    await editor.publish();
  });
});

/** With the switch in a process of its own, as in production: its calls do not end with the server. */
async function ownEmulator() {
  const emulator = await startEmulatorProcess();
  return { env: { FREESWITCH_URL: emulator.url }, cleanUp: () => emulator.stop() };
}

onStage('voicemail, after kill -9 of the server', ownEmulator, (stage) => {
  it('[voicemail-01] goes on with the message that a caller has begun, and keeps it once', async () => {
    const customer = await stage().customer({ from: known.number });
    await reachBox(customer);
    await spoken(2_500);
    await stage().killAndRestart();
    await spoken(3_000);
    await customer.press('#');
    await customer.hears(/感谢|Thank you/);
    await customer.endsWith('system');
    const sara = await stage().worker('sara@acme');
    const messages = await messagesOf(sara);
    expect(messages).toHaveLength(1);
    // What he said while the server was away is in it.
    expect(messages[0]?.ms).toBeGreaterThan(5_000);
    const record = await sara.get<CallRecord>(`telephony/calls/${messages[0]?.callId}`);
    expect(record.outcome).toBe('voicemail-left');
  });
});
