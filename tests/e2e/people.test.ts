import { expect, it } from 'vitest';
import { choose } from './steps/desk.ts';
import { onStage } from './steps/stage.ts';

onStage('users and roles', {}, (stage) => {
  const password = 'first-Password-1';

  it('[core-05] keeps accounts with user name, full name, email and mobile, who can sign in', async () => {
    const admin = await stage().worker('admin@acme');
    await admin.choose('Users');
    await admin.button('New user').click();
    await admin.drawer.fill({
      'User name': 'kate',
      Name: 'Kate 柯蕾',
      Email: 'kate@acme.test',
      Mobile: '13900001111',
      Password: password,
    });
    await admin.drawer.save();
    const row = admin.row('kate');
    for (const text of ['Kate 柯蕾', 'kate@acme.test', '13900001111', 'Agent'])
      await row.getByText(text).first().waitFor();

    const kate = await stage().desk();
    await kate.signIn('kate@acme', password);

    // A name that is taken is refused at once, in words.
    await admin.button('New user').click();
    await admin.drawer.fill({ 'User name': 'kate', Name: 'Another', Password: password });
    await admin.button('Save').click();
    await admin.drawer.root
      .getByRole('alert')
      .or(admin.drawer.root.locator('.el-form-item__error'))
      .first()
      .waitFor();
  });

  it('[core-06] has a role of agent administrators, and roles of one’s own that can be changed and deleted', async () => {
    const admin = await stage().worker('admin@acme');
    await admin.choose('Roles');
    await admin.row('Agent administrator').getByText('Built-in').waitFor();
    expect(await admin.row('Agent administrator').getByRole('button', { name: 'Delete' }).count()).toBe(0);

    await admin.button('New role').click();
    await admin.drawer.fill({ Role: 'Quality', Description: 'Listens' });
    await admin.drawer.root.getByText('Read the audit log').click();
    await admin.drawer.save('Save');
    await admin.row('Quality').getByText('Listens').waitFor();

    await admin.row('Quality').click();
    await admin.drawer.fill({ Role: 'Quality team' });
    await admin.drawer.save();
    await admin.row('Quality team').getByRole('button', { name: 'Delete' }).click();
    await admin.confirm('Delete');
    await admin.row('Quality team').waitFor({ state: 'detached' });
  });

  it('[core-07] [core-08] moves a user between roles: exactly one each, which decides what the user may do', async () => {
    const emma = await stage().worker('emma@acme');
    expect(await emma.menu('Users').count()).toBe(0);

    const admin = await stage().worker('admin@acme');
    await admin.choose('Roles');
    const members = async (role: string) => {
      await admin.row(role).click();
      await admin.drawer.root.getByRole('tab', { name: 'Members' }).click();
      return admin.drawer.root.locator('.jf-plain-table tbody tr');
    };
    const rows = await members('Agent administrator');
    await choose(admin.drawer.root.locator('.jf-inline-form .el-select'), /emma/);
    await admin.drawer.root.getByRole('button', { name: 'Add' }).click();
    await rows.filter({ hasText: 'emma' }).waitFor();
    for (const heading of ['User name', 'Name', 'Email', 'Mobile'])
      await admin.drawer.root.locator('.jf-plain-table th', { hasText: heading }).first().waitFor();

    // In the open tab, without signing in again.
    await emma.menu('Users').waitFor();

    await rows.filter({ hasText: 'emma' }).getByRole('button', { name: 'Remove' }).click();
    await rows.filter({ hasText: 'emma' }).waitFor({ state: 'detached' });
    await emma.menu('Users').waitFor({ state: 'detached' });

    const users = await admin.get<{ items: { username: string; roleId: string | null }[] }>(
      'core/users?search=emma',
    );
    expect(users.items).toHaveLength(1);
  });

  it('writes down who changed what, with the values before and after', async () => {
    const admin = await stage().worker('admin@acme');
    await admin.choose('Users');
    await admin.command(admin.row('frank'), 'Disable');
    await admin.confirm('Disable');
    await admin.row('frank').getByText('Disabled').waitFor();
    await admin.choose('Operation log');
    await admin.row('User changed').filter({ hasText: 'frank' }).first().click();
    await admin.drawer.root.locator('tr', { hasText: 'disabled' }).getByText('true').waitFor();
    await admin.drawer.root.getByText('管理员 Admin').waitFor();
  });
});
