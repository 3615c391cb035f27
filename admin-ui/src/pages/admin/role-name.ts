import type { RoleItem } from './shapes.ts';

const builtIn = ['admin', 'agent', 'agent-administrator', 'supervisor', 'operator'];

/** Built-in roles are called by the reader's language; the rest as they were named. */
export function roleName(role: Pick<RoleItem, 'key' | 'name'>, t: (key: string) => string): string {
  return role.key && builtIn.includes(role.key) ? t(`roles.builtIn.${role.key}`) : role.name;
}
