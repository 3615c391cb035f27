import { computed, shallowRef } from 'vue';
import type { Session } from './types.ts';

const current = shallowRef<Session | null>(null);

/** Host only. */
export function setSession(session: Session | null): void {
  current.value = session;
}

export function getSession(): Session | null {
  return current.value;
}

/** True when the signed-in user holds the permission; true for no permission at all. */
export function can(permission: string | null | undefined): boolean {
  return !permission || (current.value?.permissions.includes(permission) ?? false);
}

/** Who is signed in. Everything is read-only and null (or empty) when nobody is. */
export function useSession() {
  return {
    session: computed(() => current.value),
    user: computed(() => current.value?.user ?? null),
    tenant: computed(() => current.value?.tenant ?? null),
    /** The tenant's; the browser's own for an operator. */
    timeZone: computed(() => timeZone()),
    can,
  };
}

export function timeZone(): string {
  return current.value?.tenant?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}
