/**
 * Does an error leave a component broken on the screen? Vue names where it was caught: in development with words, in
 * production with `…/error-reference/#runtime-<code>`. Handlers, watchers' callbacks and the like leave the screen as
 * it was: they become a notice, and the page stays.
 */
export function breaksTheScreen(info: string): boolean {
  const code = /#runtime-(\w+)$/.exec(info)?.[1];
  if (code !== undefined)
    return !['3', '4', '5', '6', '7', '8', '9', '12', 'um', 'bum', 'da', 'a'].includes(code);
  return !/handler|watcher (callback|cleanup)|vnode hook|directive hook|transition hook|ref function|nmounted hook|ctivated hook/i.test(
    info,
  );
}

/** After so many breaks in one tab a part is not started again. */
export const MAX_FAULTS = 3;
