import { join } from 'node:path/posix';
import { JackfieldError } from '../../errors/index.ts';
import { scope } from '../../tenants/scope.ts';
import { refreshProvisioning } from '../provisioning/refresh.ts';
import type { Switch, SwitchState } from '../switch/contract.ts';
import type { CallHandler } from './call-owner.ts';
import { CallRegistry, type CallRegistryDeps } from './call-registry.ts';
import type { Call, CallChange, PluginCalls } from './contract.ts';
import type { RegistrationChange } from './registration.ts';

export interface CallServiceDeps extends Omit<CallRegistryDeps, 'onChange'> {
  /** Folder, as the switch sees it, for recordings. */
  readonly recordingDir: string;
  /** Path for phones of browsers, if the switch takes them. */
  readonly browserPhonePath: string | null;
  isActive(tenantId: string, pluginId: string): boolean;
  onError(pluginId: string, point: string, error: unknown): void;
}

/** The calls of a node and what each plugin may do with them. */
export interface CallService {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** `book` keeps the undo of each registration under the plugin's id. */
  forPlugin(pluginId: string, book: (undo: () => void) => void): PluginCalls;
}

interface Tap {
  readonly pluginId: string;
  readonly listener: (call: Call, change: CallChange) => void;
}

export function createCallService(deps: CallServiceDeps): CallService {
  const taps = new Set<Tap>();
  const registrationTaps = new Set<(change: RegistrationChange) => void>();
  let owner: string | null = null;
  let inbound: CallHandler | null = null;
  let resume: CallHandler | null = null;

  const registry = new CallRegistry(
    { ...deps, onChange: tellTaps },
    {
      inbound: (call) => (inbound ? inbound(call) : refuse(call)),
      // Without an owner nobody can close the records of a stored call: it stays stored for the next start.
      resume: (call) => (resume ? resume(call) : new Promise(() => undefined)),
    },
    (change) => {
      for (const listener of registrationTaps) listener(change);
    },
  );

  function tellTaps(call: Call, change: CallChange): void {
    for (const tap of taps) {
      const active = scope.current()?.activePlugins;
      const mayHear = active ? active.has(tap.pluginId) : tap.pluginId === owner;
      if (!mayHear) continue;
      try {
        tap.listener(call, change);
      } catch (error) {
        deps.onError(tap.pluginId, 'calls.onChange', error);
      }
    }
  }

  async function refuse(call: Call): Promise<void> {
    deps.log.warn({ callId: call.id }, 'no plugin takes inbound calls');
    await call.hangup('NORMAL_TEMPORARY_FAILURE');
  }

  function visible(call: Call): boolean {
    const tenantId = scope.current()?.tenantId;
    return tenantId === undefined || tenantId === null || call.tenantId === tenantId;
  }

  function forPlugin(pluginId: string, book: (undo: () => void) => void): PluginCalls {
    const undoable = (undo: () => void) => {
      book(undo);
      return undo;
    };
    const own = () => {
      if (owner !== null && owner !== pluginId) {
        throw new JackfieldError(
          'CONFLICT',
          `Plugin ${owner} already takes the calls; ${pluginId} cannot too.`,
        );
      }
      owner = pluginId;
    };
    return {
      onInbound(handler) {
        own();
        inbound = handler;
        return undoable(() => {
          inbound = null;
        });
      },
      onResume(handler) {
        own();
        resume = handler;
        return undoable(() => {
          resume = null;
        });
      },
      onChange(listener) {
        const tap = { pluginId, listener };
        taps.add(tap);
        return undoable(() => taps.delete(tap));
      },
      place: (request, handler) => registry.place(request, handler),
      get(id) {
        const call = registry.get(id);
        if (!call || !visible(call))
          throw new JackfieldError('NOT_FOUND', 'There is no such call, or it has ended.');
        return call;
      },
      active: () => registry.active().filter(visible),
      isRegistered: (user, domain) => deps.node.isRegistered(user, domain),
      nodes: () => [{ id: deps.node.nodeId, state: deps.node.state }],
      onNodeState(listener) {
        const tell = (state: SwitchState) => {
          try {
            listener(deps.node.nodeId, state);
          } catch (error) {
            deps.onError(pluginId, 'calls.onNodeState', error);
          }
        };
        return undoable(
          deps.node.listen({ onEvent: () => undefined, onResync: () => undefined, onState: tell }),
        );
      },
      onRegistration(listener) {
        registrationTaps.add(listener);
        return undoable(() => registrationTaps.delete(listener));
      },
      provisioningChanged: (gateways) => refreshProvisioning(deps.node, gateways),
      recordingPath: (name) => join(deps.recordingDir, name),
      async forgetPhone(user, domain) {
        if (deps.node.state.state !== 'connected' || deps.node.state.emulator) return;
        await deps.node.api(`sofia profile internal flush_inbound_reg ${user}@${domain}`);
      },
      browserPhonePath: () => (isEmulator(deps.node) ? null : deps.browserPhonePath),
      async virtualPhone(user, domain, on) {
        if (!isEmulator(deps.node)) return;
        await deps.node.api(
          on
            ? `jackfield phone register ${user} ${domain} manual`
            : `jackfield phone unregister ${user} ${domain}`,
        );
      },
    };
  }

  return { start: () => registry.start(), stop: () => registry.stop(), forPlugin };
}

function isEmulator(node: Switch): boolean {
  return node.state.state === 'connected' && node.state.emulator;
}
