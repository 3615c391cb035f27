import { banner } from './boot/banner.ts';
import { ConfigError, readConfig } from './boot/config.ts';
import { guardProcess } from './boot/process-guard.ts';
import { type Server, startServer } from './boot/server.ts';

try {
  const server = await startServer({ config: readConfig(process.env) });
  guardProcess({ ...server, folders: () => pluginFolders(server.plugins()) });
  process.stdout.write(banner(server));
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // A second one means: now.
      if (stopping) process.exit(1);
      stopping = true;
      server.stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
} catch (error) {
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else
    process.stderr.write(
      `Jackfield could not start: ${error instanceof Error ? error.stack : String(error)}\n`,
    );
  process.exitCode = 1;
}

function pluginFolders(plugins: ReturnType<Server['plugins']>): ReadonlyMap<string, string> {
  return new Map(plugins.map(({ id, dir }) => [id, dir]));
}
