import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Person, World } from '../chaos/world.ts';
import { Agent } from '../e2e/steps/agent.ts';
import { Desk } from '../e2e/steps/desk.ts';
import { hasChromium, launchBrowser } from '../support/browser.ts';
import { describeWithFreeSwitch, eventually } from './harness/index.ts';
import { type RealAgentPhone, type RealCall, type RealSwitch, realSwitch } from './real-switch.ts';

/** Its microphone beeps once a second; the page is not asked whether it may. */
const MICROPHONE = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'];
const LOOPBACK = ['--allow-loopback-in-peer-connection'];
const HOTLINE = '4008009021';

describeWithFreeSwitch('The workbench as a phone on a real FreeSWITCH', () => {
  if (!hasChromium) return void it.skip('needs Chromium', () => undefined);
  let real: RealSwitch;
  let world: World;
  let browser: Browser;
  let chloe: Person;
  let desks: Desk[] = [];
  let ben: { readonly number: string; readonly phone: RealAgentPhone };

  beforeAll(async () => {
    real = await realSwitch();
    world = await World.begin(real);
    browser = await launchBrowser([...MICROPHONE, ...LOOPBACK]);
    chloe = await world.as('chloe@acme');
    const { number } = await world.account('chloe');
    await world.number(HOTLINE, 'extension', { number });
    const account = await world.account('ben');
    await real.register(account);
    ben = { number: account.number, phone: real.phone(account.number) };
  });
  afterAll(async () => {
    await browser?.close();
    await world?.stop();
  });
  afterEach(async () => {
    for (const desk of desks) await desk.context.close();
    desks = [];
    await real.watch.api('hupall');
    await world.settled();
  });

  /** Chloe at a browser of her own; in it every tab is signed in. */
  async function open(from = browser): Promise<{ desk: Desk; agent: Agent }> {
    const desk = await Desk.open(from, world.server);
    desks.push(desk);
    await desk.context.addInitScript(keepPeers);
    await desk.arrive('chloe@acme');
    const agent = new Agent(desk);
    await agent.openWorkbench();
    return { desk, agent };
  }
  const answerIn = (device: 'browser' | 'desk') => chloe.send('PUT', '/api/telephony/me/phone', { device });
  const phone = (page: Page) => page.locator('.tel-phone');
  const isPhone = (page: Page) => page.locator('.tel-phone:not(.is-off)').waitFor();
  const call = (from: string): Promise<RealCall> => real.dial(HOTLINE, from);

  it('[telephony-15] [telephony-18] rings in the page, with the call it is, and both hear each other', async () => {
    await answerIn('browser');
    const { desk, agent } = await open();
    await isPhone(desk.page);
    const customer = await call('13800138021');
    await agent.isRinging();
    await agent.answer();
    await Promise.all([customer.sip.hearsSomething(), hearsSomething(desk.page)]);

    await desk.page.getByRole('button', { name: 'Mute' }).first().click();
    // The beep comes once a second.
    await customer.sip.doesNotHear(undefined, { forMs: 2_500 });
    await desk.page.keyboard.press('Alt+m');
    await customer.sip.hearsSomething();

    await agent.hold();
    await agent.resume();
    await customer.sip.hearsSomething();
    await desk.shot('browser-phone-talking');
    await agent.hangUp();
    await customer.sip.ended();
    const record = await world.closedRecord('13800138021');
    expect(record).toMatchObject({ outcome: 'connected', agentUserId: chloe.id });
    expect(desk.faults).toEqual([]);
  });

  it('rejects, and stops ringing when the customer gives up', async () => {
    await answerIn('browser');
    const { desk, agent } = await open();
    await isPhone(desk.page);
    await call('13800138022');
    await agent.isRinging();
    await desk.page.keyboard.press('Alt+x');
    await agent.panel('ringing').waitFor({ state: 'detached' });
    expect((await world.closedRecord('13800138022')).outcome).not.toBe('connected');

    const second = await call('13800138023');
    await agent.isRinging();
    await second.hangup();
    await agent.panel('ringing').waitFor({ state: 'detached' });
  });

  it('[telephony-40] picks up by itself when its owner dials', async () => {
    await answerIn('browser');
    const { desk, agent } = await open();
    await isPhone(desk.page);
    const field = desk.page.locator('.tel-bar input');
    await field.fill(ben.number);
    await field.press('Enter');
    const colleague = await ben.phone.rings();
    await colleague.answer();
    await agent.isTalking();
    await Promise.all([colleague.sip.hearsSomething(), hearsSomething(desk.page)]);
    await agent.hangUp();
    await colleague.sip.ended();
  });

  describe('when the page is loaded anew', () => {
    /** The browser asks whether to leave; he does. */
    const reload = async (page: Page) => {
      page.once('dialog', (dialog) => void dialog.accept());
      await page.reload();
    };

    it('[core-38] goes on with the talk of a customer, who stays in the call', async () => {
      await answerIn('browser');
      const { desk, agent } = await open();
      await isPhone(desk.page);
      const customer = await call('13800138029');
      await agent.isRinging();
      await agent.answer();
      await customer.sip.hearsSomething();
      await reload(desk.page);
      await agent.isTalking();
      await Promise.all([customer.sip.hearsSomething(), hearsSomething(desk.page)]);
      expect(customer.sip.state).toBe('up');
      await agent.hangUp();
      await customer.sip.ended();
      const record = await world.closedRecord('13800138029');
      expect(record).toMatchObject({ outcome: 'connected', agentUserId: chloe.id });
    });

    it('goes on with a call that he has made, and keeps it on hold', async () => {
      await answerIn('browser');
      const { desk, agent } = await open();
      await isPhone(desk.page);
      const field = desk.page.locator('.tel-bar input');
      await field.fill(ben.number);
      await field.press('Enter');
      const colleague = await ben.phone.rings();
      await colleague.answer();
      await agent.isTalking();
      await agent.hold();
      await reload(desk.page);
      await eventually(async () => (await legsIn(desk.page)) > 0, 'the call to be in the page again');
      await agent.panel('held').waitFor();
      await agent.resume();
      await Promise.all([colleague.sip.hearsSomething(), hearsSomething(desk.page)]);
      await agent.hangUp();
      await colleague.sip.ended();
    });

    it('ends the call of a page that does not come back', async () => {
      await answerIn('browser');
      const { desk, agent } = await open();
      await isPhone(desk.page);
      const customer = await call('13800138030');
      await agent.isRinging();
      await agent.answer();
      await customer.sip.hearsSomething();
      await desk.page.close();
      await customer.sip.ended(30_000);
      expect((await world.closedRecord('13800138030')).outcome).toBe('connected');
    });
  });

  it('rings in one tab of a browser; any of them answers, and the next takes over', async () => {
    await answerIn('browser');
    const { desk, agent } = await open();
    await isPhone(desk.page);
    const second = await desk.context.newPage();
    await second.goto(`${world.url}/workbench`);
    await isPhone(second);
    expect(await phone(second).getAttribute('title')).toContain('another tab');

    const customer = await call('13800138024');
    await agent.isRinging();
    await second.locator('.tel-panel.is-ringing').waitFor();
    await second.keyboard.press('Alt+a');
    await agent.isTalking();
    await Promise.all([customer.sip.hearsSomething(), hearsSomething(desk.page)]);
    await customer.hangup();
    await agent.panel('talking').waitFor({ state: 'detached' });

    await desk.page.close();
    await expect
      .poll(() => phone(second).getAttribute('title'), { timeout: 15_000 })
      .toBe('Calls ring in this browser.');
    const next = await call('13800138025');
    await second.locator('.tel-panel.is-ringing').waitFor();
    await second.keyboard.press('Alt+a');
    await Promise.all([next.sip.hearsSomething(), hearsSomething(second)]);
    await next.hangup();
  });

  it('moves to the browser where its owner signed in last, and back when he wants', async () => {
    await answerIn('browser');
    const home = await open();
    await isPhone(home.desk.page);
    const office = await open();
    await isPhone(office.desk.page);
    await home.desk.page.locator('.tel-phone.is-off', { hasText: 'In another browser' }).waitFor();
    const customer = await call('13800138026');
    await office.agent.isRinging();
    await office.agent.answer();
    await customer.sip.hearsSomething();
    await customer.hangup();
    await office.agent.panel('talking').waitFor({ state: 'detached' });
    await phone(home.desk.page).click();
    await home.desk.page.getByText('Let calls ring here').click();
    await office.desk.page.locator('.tel-phone.is-off', { hasText: 'In another browser' }).waitFor();
    await expect.poll(() => phone(home.desk.page).getAttribute('title')).toBe('Calls ring in this browser.');
  });

  it('[telephony-19] gives the calls back to the desk phone', async () => {
    await answerIn('browser');
    const { desk } = await open();
    await isPhone(desk.page);
    await phone(desk.page).click();
    await desk.page.getByText('Answer at a desk phone').click();
    await desk.page.locator('.tel-phone.is-off').waitFor();
    const deskPhone = await real.register(await world.account('chloe'));
    await isPhone(desk.page);
    const customer = await call('13800138027');
    const ringing = await deskPhone.rings();
    await ringing.answer();
    await customer.sip.hears(deskPhone.sip.tone);
    await customer.hangup();
  });

  it('says that the microphone is blocked, and is the phone as soon as it is not', async () => {
    await answerIn('browser');
    const strict = await launchBrowser(['--use-fake-device-for-media-stream', ...LOOPBACK]);
    try {
      const { desk } = await open(strict);
      await desk.page.locator('.tel-phone.is-off', { hasText: 'Microphone blocked' }).waitFor();
      await desk.shots('browser-phone-blocked', () =>
        desk.page.locator('.tel-phone.is-off', { hasText: /Microphone blocked|麦克风被禁用/ }).waitFor(),
      );
      await desk.context.grantPermissions(['microphone']);
      await isPhone(desk.page);
    } finally {
      await strict.close();
    }
  });

  it('lets him choose microphone and loudspeakers, and shows that he is heard', async () => {
    await answerIn('browser');
    const { desk } = await open();
    const { page } = desk;
    const meter = page.getByRole('meter');
    const openDialog = async () => {
      await isPhone(page);
      await phone(page).click();
      await page.locator('.el-dropdown-menu__item:visible', { hasText: /Sound devices|声音设备/ }).click();
      await eventually(
        async () => Number(await meter.getAttribute('aria-valuenow')) > 0,
        'the meter to show the beep of the microphone',
      );
    };
    await desk.shots('browser-phone-sound', openDialog);
    const [microphone] = await page.locator('.el-dialog .el-select').all();
    await microphone?.click();
    await page.getByRole('option', { name: /Fake/ }).first().click();
    expect(await page.evaluate(() => localStorage.getItem('telephony:audio'))).toMatch(/"microphone":"\w+/);
    await page.getByRole('button', { name: 'Done' }).click();
    await meter.waitFor({ state: 'hidden' });
    expect(desk.faults).toEqual([]);
  });

  it('comes back by itself when the server was away', async () => {
    await answerIn('browser');
    const { desk, agent } = await open();
    await isPhone(desk.page);
    await world.crash();
    await expect
      .poll(() => phone(desk.page).getAttribute('title'), { timeout: 20_000 })
      .toBe('Calls ring in this browser.');
    await isPhone(desk.page);
    const customer = await call('13800138028');
    await agent.isRinging();
    await agent.answer();
    await customer.sip.hearsSomething();
    await customer.hangup();
  });
});

/** Runs in the page: what it talks over can be asked how loud it is. */
function keepPeers(): void {
  const peers: RTCPeerConnection[] = [];
  Object.assign(globalThis, { peers });
  const Original = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Original {
    constructor(...given: ConstructorParameters<typeof Original>) {
      super(...given);
      peers.push(this);
    }
  };
}

/** How many connections the page has that are up. */
const legsIn = (page: Page) =>
  page.evaluate(() => {
    const { peers } = globalThis as unknown as { peers: RTCPeerConnection[] };
    return peers.filter(({ connectionState }) => connectionState === 'connected').length;
  });

/** Waits until the page hears something. */
async function hearsSomething(page: Page): Promise<void> {
  const energy = () =>
    page.evaluate(async () => {
      const { peers } = globalThis as unknown as { peers: RTCPeerConnection[] };
      let sum = 0;
      for (const peer of peers) {
        for (const report of (await peer.getStats()).values()) {
          if (report.type === 'inbound-rtp' && report.kind === 'audio') sum += report.totalAudioEnergy ?? 0;
        }
      }
      return sum;
    });
  const before = await energy();
  await eventually(async () => (await energy()) > before + 0.001, 'the page to hear something');
}
