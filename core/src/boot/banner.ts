import type { Server } from './server.ts';

/** What the console says when the server is up. */
export function banner({
  url,
  demo,
  plugins,
  emulator,
}: Pick<Server, 'url' | 'demo' | 'plugins' | 'emulator'>): string {
  const fallen = plugins().filter(({ state }) => state === 'quarantined');
  const lines = ['', `  Jackfield runs at ${url}`, ''];
  if (demo) {
    lines.push(`  Sign in (also in ${demo.file}; change the passwords in the user menu):`);
    for (const { account, password, role } of demo.accounts) {
      lines.push(`    ${account.padEnd(14)} ${password}   ${role}`);
    }
    lines.push('');
  }
  for (const hint of demo?.hints ?? []) lines.push(`  ${hint}`);
  if (emulator) lines.push(`  The switch is the built-in emulator; ${url}/phone is a customer's phone.`);
  for (const { id, failure } of fallen)
    lines.push(`  Plugin "${id}" is quarantined (${failure?.step}): ${failure?.reason}`);
  return `${lines.join('\n')}\n\n`;
}
