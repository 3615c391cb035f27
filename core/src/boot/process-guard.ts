import type { Logger } from 'pino';

/** Name of the plugin whose file is highest in a stack; null when there is none. */
export function pluginInStack(error: unknown, folders: ReadonlyMap<string, string>): string | null {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  let found: { id: string; at: number } | null = null;
  for (const [id, dir] of folders) {
    const at = stack.indexOf(`${dir}/`);
    if (at >= 0 && (found === null || at < found.at)) found = { id, at };
  }
  return found?.id ?? null;
}

/**
 * What nobody caught. A rejected promise that nobody waits for harms nobody else: it is booked on the plugin it
 * came from. An exception leaves the process in a state nobody knows: it ends, in order, and is to be started
 * again; the calls go on in FreeSWITCH meanwhile.
 */
export function guardProcess(deps: {
  readonly log: Logger;
  readonly folders: () => ReadonlyMap<string, string>;
  readonly failed: (pluginId: string, error: unknown) => void;
  readonly stop: () => Promise<void>;
}): void {
  process.on('unhandledRejection', (error) => {
    const plugin = pluginInStack(error, deps.folders());
    deps.log.error({ err: error, plugin }, 'a promise was rejected and nobody noticed');
    if (plugin) deps.failed(plugin, error);
  });
  process.on('uncaughtException', (error) => {
    deps.log.fatal(
      { err: error, plugin: pluginInStack(error, deps.folders()) },
      'the process ends: nobody caught this',
    );
    const last = setTimeout(() => process.exit(1), 5_000);
    last.unref();
    deps.stop().finally(() => process.exit(1));
  });
}
