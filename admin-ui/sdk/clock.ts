/**
 * The server's clock as seen from here. Workstation clocks are often minutes off; a talk timer that starts at minus
 * three minutes is worse than none.
 */
let offset = 0;

/** `at` is the server's `Date` header: whole seconds, so half a second is the best guess for what was cut off. */
export function noteServerDate(at: number, local: number): void {
  const difference = at + 500 - local;
  // Below two seconds the header's own coarseness and the way there and back explain the difference.
  offset = Math.abs(difference) > 2_000 ? difference : 0;
}

/** Now, as the server would say it; epoch milliseconds. */
export function serverNow(): number {
  return Date.now() + offset;
}
