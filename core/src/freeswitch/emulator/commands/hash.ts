import type { ApiRegistry } from '../api.ts';
import type { SwitchCore } from '../switch-core.ts';

const USAGE = '-ERR Usage: hash [insert|insert_ifempty|delete|delete_ifmatch|select]/<realm>/<key>/<value>\n';

/** mod_hash: a key-value table in realms that lasts as long as the process. */
export function addHashCommands(core: SwitchCore, registry: ApiRegistry): void {
  registry.add('hash', (args) => {
    const [verb, realm, name, ...rest] = args.split('/');
    if (!verb || realm === undefined || name === undefined) return USAGE;
    // a value may hold slashes: mod_hash splits off four parts at most
    const value = rest.length > 0 ? rest.join('/') : null;
    const key = `${realm}_${name}`;
    const known = core.hash.get(key);
    switch (verb.toLowerCase()) {
      case 'insert':
        if (value === null) return USAGE;
        core.hash.set(key, value);
        return '+OK\n';
      case 'insert_ifempty':
        if (value === null) return USAGE;
        if (known !== undefined) return '-ERR key already exists\n';
        core.hash.set(key, value);
        return '+OK\n';
      case 'delete':
        return core.hash.delete(key) ? '+OK\n' : '-ERR Not found\n';
      case 'delete_ifmatch':
        if (known === undefined) return '-ERR Not found\n';
        if (known !== value) return "-ERR Doesn't match\n";
        core.hash.delete(key);
        return '+OK\n';
      case 'select':
        return known ?? '';
      default:
        return USAGE;
    }
  });
  registry.add('hash_dump', (args) => {
    const [mode, realm] = args.trim().split(/\s+/);
    if (mode !== 'all' && mode !== 'db' && mode !== 'limit') return 'Usage: all|limit|db [<realm>]\n';
    if (mode === 'limit') return '';
    let text = '';
    for (const [key, value] of core.hash) {
      if (realm === undefined || key.includes(`${realm}_`)) text += `D/${key}/${value}\n`;
    }
    return text;
  });
}
