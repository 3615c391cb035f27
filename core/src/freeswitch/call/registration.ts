import type { SwitchEvent } from '../event-socket/switch-event.ts';

export interface RegistrationChange {
  readonly user: string;
  readonly domain: string;
  readonly registered: boolean;
}

/** What a CUSTOM event says of a phone's registration; null if it is about something else. */
export function registrationOf(event: SwitchEvent): RegistrationChange | null {
  const registered = event.subclass === 'sofia::register';
  if (!registered && event.subclass !== 'sofia::unregister' && event.subclass !== 'sofia::expire')
    return null;
  // Each of the three names its user and domain differently.
  const user = event.get('from-user') ?? event.get('user');
  const domain = event.get('domain_name') ?? event.get('from-host') ?? event.get('host');
  return user && domain ? { user, domain, registered } : null;
}
