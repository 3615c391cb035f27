import { it } from 'vitest';
import { Agent } from './steps/agent.ts';
import { choose } from './steps/desk.ts';
import { FlowEditor } from './steps/flow-editor.ts';
import { onStage } from './steps/stage.ts';

onStage('setting up a line', {}, (stage) => {
  it('[telephony-01] [ivr-01] [acd-01] makes a queue with agents, a flow by form and a number, which can be dialled', async () => {
    const admin = await stage().worker('admin@acme');

    await admin.choose('Queues');
    await admin.button('New queue').click();
    await admin.drawer.fill({ Name: 'Returns' });
    await choose(admin.drawer.root.locator('.acd-members__add .el-select'), /Henry/);
    await admin.page.keyboard.press('Escape');
    await admin.drawer.root.getByRole('button', { name: 'Add' }).click();
    await admin.drawer.root.locator('.acd-members__list', { hasText: 'Henry' }).waitFor();
    await admin.drawer.save();
    await admin.row('Returns').waitFor();

    const editor = new FlowEditor(admin);
    await editor.create('Returns line');
    const queue = await editor.add('To a queue', 'To returns');
    await choose(queue.card.locator('.el-form-item .el-select').first(), /Returns/);
    const hello = await editor.add('Play', 'Hello');
    await hello.say('Welcome to returns.');
    await hello.leadsTo('Then', 'To returns');
    const start = await editor.open('start');
    await start.leadsTo('Then', 'Hello');
    await editor.publish();

    await admin.choose('Numbers');
    await admin.button('Add number').click();
    await admin.drawer.fill({ Number: '02165550001', Alias: 'Returns' });
    await choose(admin.drawer.root.locator('.tel-destination .el-select'), /Returns line/);
    await admin.drawer.save();
    await admin.row('Returns').getByText('Returns line').waitFor();

    const desk = await stage().worker('henry@acme');
    const henry = new Agent(desk);
    await henry.openWorkbench();
    await henry.goReady();
    const customer = await stage().customer({ from: '13911112222' });
    await customer.dial('02165550001');
    await customer.hears('Welcome to returns.');
    await henry.isRinging();
    await henry.answer();
    await customer.is('talking');
    await henry.hangUp();
    await customer.endsWith('otherSide');
  });
});
