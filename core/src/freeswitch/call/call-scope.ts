import { JackfieldError } from '../../errors/index.ts';
import { scope } from '../../tenants/scope.ts';
import type { CallHost } from './call-host.ts';
import type { CallState } from './call-state.ts';

/** Whose a call is: its tenant, fixed once, and the plugins that were on when it began. */
export class CallScope {
  readonly #host: CallHost;
  readonly #state: CallState;
  #active: ReadonlySet<string> | undefined;

  constructor(host: CallHost, state: CallState) {
    this.#host = host;
    this.#state = state;
    this.#active = state.activePlugins ? new Set(state.activePlugins) : undefined;
  }

  isActive(pluginId: string): boolean {
    return this.#active?.has(pluginId) ?? false;
  }

  /** @throws JackfieldError CALL_STATE if it is another tenant's */
  assign(tenantId: string): void {
    if (this.#state.tenantId !== null && this.#state.tenantId !== tenantId) {
      throw new JackfieldError('CALL_STATE', 'The call already belongs to a tenant.');
    }
    this.#state.tenantId = tenantId;
    this.#active ??= new Set(this.#host.activePlugins(tenantId));
    this.#state.activePlugins = [...this.#active];
  }

  run<T>(fn: () => T): T {
    return scope.run(
      {
        tenantId: this.#state.tenantId,
        actor: { kind: 'system' },
        requestId: this.#state.id,
        callId: this.#state.id,
        ...(this.#active ? { activePlugins: this.#active } : {}),
      },
      fn,
    );
  }
}
