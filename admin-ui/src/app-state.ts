import { ApiError } from '../sdk/api/api-error.ts';
import { api } from '../sdk/api/index.ts';
import { setLocale } from '../sdk/i18n.ts';
import { pluginLoader } from '../sdk/plugins/loader.ts';
import { hasWorkbench, setManifest } from '../sdk/plugins/registry.ts';
import { connection, streams } from '../sdk/realtime/socket.ts';
import { getSession, setSession } from '../sdk/session.ts';
import type { Session, UiManifest } from '../sdk/types.ts';
import { useWorkbench } from '../sdk/workbench/store.ts';

/** Told after every change of what is switched on, so that the router can follow. */
type ManifestListener = (manifest: UiManifest) => void;
const listeners = new Set<ManifestListener>();
let closeUiStream: (() => void) | null = null;
let booted: Promise<boolean> | null = null;

export function onManifest(listener: ManifestListener): void {
  listeners.add(listener);
}

export async function loadManifest(): Promise<void> {
  const manifest = await api.get<UiManifest>('core/ui');
  setManifest(manifest);
  pluginLoader().keepOnly(manifest.plugins);
  // Where there is nothing to work on the stream is refused; when the plugin comes, it is asked for anew.
  const workbench = useWorkbench();
  if (!hasWorkbench() || workbench.status === 'closed') workbench.leave();
  if (hasWorkbench()) workbench.follow();
  for (const listener of listeners) listener(manifest);
}

async function enter(session: Session): Promise<void> {
  setSession(session);
  setLocale(session.locale);
  await loadManifest();
  connection.open();
  // The first snapshot says nothing new; a later one means that changes were missed.
  let first = true;
  closeUiStream?.();
  closeUiStream = streams.open('core/ui/me', {
    onSnapshot: () => {
      if (!first) void refresh();
      first = false;
    },
    onMessage: () => void refresh(),
  });
}

/** Rights and plugins anew, in the open tab. */
async function refresh(): Promise<void> {
  try {
    setSession(await api.get<Session>('core/session'));
    await loadManifest();
  } catch (error) {
    // The next message or reconnect tries again; a 401 has already led to the sign-in page.
    if (!ApiError.is(error)) throw error;
  }
}

/** Once per tab: is somebody signed in? Throws when the server cannot be asked. */
export function boot(): Promise<boolean> {
  booted ??= (async () => {
    try {
      await enter(await api.get<Session>('core/session', { quiet401: true }));
      return true;
    } catch (error) {
      if (ApiError.is(error) && error.status === 401) return false;
      booted = null;
      throw error;
    }
  })();
  return booted;
}

/** `GET /api/core/captcha`: a piece that is slid to its gap. Pixels; pictures are `data:` addresses. */
export interface Captcha {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly pieceSize: number;
  /** Height at which the piece slides, from the top. */
  readonly pieceY: number;
  readonly background: string;
  readonly piece: string;
}
export async function signIn(input: {
  account: string;
  password: string;
  captcha?: { id: string; x: number };
}): Promise<void> {
  await api.post('core/sign-in', input, { quiet401: true });
  await enter(await api.get<Session>('core/session'));
  booted = Promise.resolve(true);
}

/** Forgets everything of the user in this tab. */
export function leave(): void {
  closeUiStream?.();
  closeUiStream = null;
  connection.close();
  useWorkbench().leave();
  setSession(null);
  setManifest({ plugins: [] });
  pluginLoader().keepOnly([]);
  booted = Promise.resolve(false);
  for (const listener of listeners) listener({ plugins: [] });
}

export async function signOut(): Promise<void> {
  if (getSession()) await api.post('core/sign-out', undefined, { quiet401: true });
  leave();
}
