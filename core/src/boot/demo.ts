import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { Auth } from '../auth/index.ts';
import type { Hook } from '../hooks/contract.ts';
import type { DemoUser } from '../hooks/core-hooks.ts';
import type { TenantGate } from '../plugins/tenant-gate.ts';
import { scope } from '../tenants/scope.ts';

export interface DemoResult {
  readonly accounts: readonly {
    readonly account: string;
    readonly password: string;
    readonly role: string;
  }[];
  readonly hints: readonly string[];
  /** Where the same can be read again. */
  readonly file: string;
}

const AGENTS = ['amy', 'ben', 'chloe', 'david', 'emma', 'frank', 'grace', 'henry', 'iris', 'jack'] as const;
const NAMES: Readonly<Record<(typeof AGENTS)[number], string>> = {
  amy: '安宁 Amy',
  ben: '柏松 Ben',
  chloe: '陈可 Chloe',
  david: '戴维 David',
  emma: '尹悦 Emma',
  frank: '方远 Frank',
  grace: '顾晴 Grace',
  henry: '何力 Henry',
  iris: '叶蓝 Iris',
  jack: '江杰 Jack',
};

/**
 * The first start's customer: tenant "Acme" with people, and all plugins switched on. The passwords are made
 * here and shown once; nothing in the code or the database gives them away.
 */
export async function seedDemo(deps: {
  readonly auth: Auth;
  readonly gate: TenantGate;
  readonly hook: Hook<'core:demo'>;
  readonly plugins: readonly string[];
  /** Sign-ins are kept here for the next start's console; readable by the owner alone. */
  readonly file: string;
}): Promise<DemoResult> {
  const { auth, gate, hook } = deps;
  const password = `${randomBytes(6).toString('base64url')}-1a`;
  await auth.createOperator({ username: 'operator', name: 'Operator', password });
  const tenant = await auth.createTenant(
    { slug: 'acme', name: 'Acme', timeZone: 'Asia/Shanghai', locale: 'zh-CN' },
    { username: 'admin', name: '管理员 Admin', password },
  );
  const users = await scope.runAsSystem(tenant.id, 'demo', async () => {
    const people: readonly { username: string; name: string; role: DemoUser['role'] }[] = [
      { username: 'sara', name: '苏然 Sara', role: 'supervisor' },
      ...AGENTS.map((username) => ({ username, name: NAMES[username], role: 'agent' as const })),
    ];
    // Together, since hashing a password takes its time on other threads.
    const made: DemoUser[] = await Promise.all(
      people.map(async ({ username, name, role }) => {
        const { id: roleId } = await auth.roles.byKey(role);
        const { id } = await auth.users.create({ username, name, password, roleId });
        return { id, username, name, role };
      }),
    );
    const admin = (await auth.directory.users()).find((user) => user.username === 'admin');
    if (admin) made.unshift({ id: admin.id, username: 'admin', name: admin.name, role: 'admin' });
    return made;
  });
  for (const plugin of deps.plugins) await gate.enable(tenant.id, plugin, { cascade: true });
  const hints: string[] = [];
  await scope.runAsSystem(tenant.id, 'demo', () => hook.run({ users, hints }));
  const accounts = [
    { account: 'operator', password, role: 'operator' },
    ...users.map(({ username, role }) => ({ account: `${username}@acme`, password, role })),
  ];
  const text = [
    ...accounts.map(({ account, role }) => `${account.padEnd(14)} ${password}   ${role}`),
    '',
    ...hints,
  ];
  await writeFile(deps.file, `${text.join('\n')}\n`, { mode: 0o600 });
  return { accounts, hints, file: deps.file };
}
