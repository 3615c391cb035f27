import { type DestinationStream, type Logger, pino } from 'pino';
import { logRedaction } from '../auth/mask.ts';
import { scope } from '../tenants/scope.ts';

/** JSON lines with tenant, call and request of the scope they were written in; secrets and numbers are hidden. */
export function createLog(level: string, stream?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    redact: logRedaction,
    mixin() {
      const current = scope.current();
      if (!current) return {};
      return {
        requestId: current.requestId,
        ...(current.tenantId ? { tenantId: current.tenantId } : {}),
        ...(current.callId ? { callId: current.callId } : {}),
      };
    },
  };
  return stream ? pino(options, stream) : pino(options);
}
