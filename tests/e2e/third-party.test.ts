import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../support/root.ts';
import { FlowEditor } from './steps/flow-editor.ts';
import { numberLeadsTo } from './steps/numbers.ts';
import { onStage } from './steps/stage.ts';

/** One number for all that the host's build left. */
function buildOfHost(): string {
  const folder = join(root, 'admin-ui/dist');
  const hash = createHash('sha256');
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort())
    hash.update(file).update(readFileSync(file));
  return hash.digest('hex');
}
const before = buildOfHost();
const broken = {
  'cyclic-a': 'cyclic-b',
  'cyclic-b': 'cyclic-a',
  'half-migration': 'migra',
  'leans-on-broken': 'throws-in-setup',
  'throws-in-setup': 'setup',
  'wrong-engine': 'core',
};

onStage(
  'plugins of others',
  {
    env: { PLUGIN_DIRS: join(root, 'tests/fixtures/plugins') },
    mayLog: new RegExp(`${Object.keys(broken).join('|')}|throws-later`),
  },
  (stage) => {
    it('opens a page of a plugin that was only put into a folder: nothing of the host is built anew', async () => {
      const amy = await stage().worker('amy@acme');
      await amy.menu('Notes').click();
      await amy.page
        .locator('[data-test=good-neighbour-page]')
        .getByText('Welcome to the neighbourhood')
        .waitFor();
      expect(buildOfHost()).toBe(before);
    });

    it('lets callers through an IVR node of theirs, and tells them when the call is over', async () => {
      const admin = await stage().worker('admin@acme');
      const editor = new FlowEditor(admin);
      await editor.create('Weather line');
      const bye = await editor.add('Hang up', 'Bye');
      await expect.poll(() => bye.card.isVisible()).toBe(true);
      const weather = await editor.add('Weather', 'Today');
      await weather.fill('city', 'Shanghai');
      await weather.leadsTo('Then', 'Bye');
      const start = await editor.open('start');
      await start.leadsTo('Then', 'Today');
      await editor.publish();

      await numberLeadsTo(admin, '4008005555', 'Weather line');

      const customer = await stage().customer();
      await customer.dial('4008005555');
      await customer.hears('It is fine weather in Shanghai.');
      await customer.endsWith('system');

      const amy = await stage().worker('amy@acme');
      await amy.menu('Notes').click();
      await amy.page
        .locator('[data-test=good-neighbour-page]')
        .getByText('the switch: A call ended.')
        .first()
        .waitFor();
    });

    it('names what is broken while calls go on', async () => {
      const customer = await stage().customer();
      await customer.dial('4008001234');
      await customer.hearsAnything();

      const operator = await stage().worker('operator');
      await operator.choose('Functions');
      for (const [id, reason] of Object.entries(broken)) {
        const card = operator.page.locator('.jf-plugin', {
          has: operator.page.locator('.jf-plugin__foot', { hasText: new RegExp(`^${id} `) }),
        });
        await card.getByText('Out of order').waitFor();
        expect(await card.getByRole('alert').textContent()).toContain(reason);
      }
      const admin = await stage().worker('admin@acme');
      await admin.choose('Functions');
      await admin.sees('This function failed to start. The operator has been told.');

      expect(await customer.phase()).toBe('connected');
      await customer.hangUp();
    });
  },
);
