/**
 * What stands between a plugin and a host service: registrations are booked, and what plugin.json does not
 * declare is refused with the key that is missing.
 */
import { JackfieldError } from '../errors/index.ts';
import type { PluginCalls } from '../freeswitch/call/contract.ts';
import type { PluginHooks } from '../hooks/contract.ts';
import type { PluginJobs } from '../jobs/contract.ts';
import type { Book } from './host-services.ts';
import type { PluginIdentity } from './identity.ts';

/** In every contract a method that returns a function returns an undo: it is booked here, for all of them. */
export function booked<Api extends object>(api: Api, book: Book): Api {
  return new Proxy(api, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        const result: unknown = Reflect.apply(member, target, args);
        return typeof result === 'function' ? book(() => void Reflect.apply(result, undefined, [])) : result;
      };
    },
  });
}

export function declaredHooks(plugin: PluginIdentity, hooks: PluginHooks): PluginHooks {
  const { contributes, uses } = plugin.manifest;
  return {
    declare(name, declaration) {
      const stated = contributes.hooks.find((hook) => hook.name === name);
      if (!stated)
        throw undeclared(
          plugin,
          `ctx.hooks.declare('${name}')`,
          '"contributes": { "hooks": [{ "name": … }] }',
        );
      if (stated.kind !== declaration.kind) {
        throw invalid(
          plugin,
          `declares hook "${name}" as ${declaration.kind}, and its plugin.json says ${stated.kind}`,
        );
      }
      return hooks.declare(name, declaration);
    },
    on(name, tap, options) {
      if (!uses.hooks.includes(name))
        throw undeclared(plugin, `ctx.hooks.on('${name}')`, `"uses": { "hooks": ["${name}"] }`);
      return hooks.on(name, tap, options);
    },
  };
}

export function declaredJobs(plugin: PluginIdentity, jobs: PluginJobs): PluginJobs {
  const names = new Set(plugin.manifest.contributes.jobs.map(({ name }) => name));
  const check = (call: string, name: string) => {
    if (!names.has(name))
      throw undeclared(
        plugin,
        `ctx.jobs.${call}('${name}')`,
        `"contributes": { "jobs": [{ "name": "${name}" }] }`,
      );
  };
  return {
    define(name, definition) {
      check('define', name);
      return jobs.define(name, definition);
    },
    every(name, intervalMs, run) {
      check('every', name);
      return jobs.every(name, intervalMs, run);
    },
  };
}

/** `uses.telephony: "events"`: sees calls and takes none over. */
export function watchingCalls(plugin: PluginIdentity, calls: PluginCalls): PluginCalls {
  return new Proxy(calls, {
    get(target, name) {
      if (name === 'onInbound' || name === 'onResume' || name === 'place') {
        throw undeclared(plugin, `ctx.calls.${name}`, '"uses": { "telephony": "control" }');
      }
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

export function undeclared(plugin: PluginIdentity, what: string, key: string): JackfieldError {
  return invalid(plugin, `uses ${what}; add ${key} to its plugin.json`);
}

function invalid(plugin: PluginIdentity, what: string): JackfieldError {
  return new JackfieldError('PLUGIN_INVALID', `Plugin "${plugin.id}" ${what}.`, {
    details: { plugin: plugin.id },
  });
}
