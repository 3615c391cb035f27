/** What can be shown of something that the switch plays. Files have words; the rest is a kind of sound. */
export type Sound = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'music' | 'tone' };

/** `{timeout=1000}file_string://a.wav!b.wav` → its files. Silence says nothing and is left out. */
export function soundsOf(path: string): readonly Sound[] {
  const bare = path.replace(/^\{[^}]*\}/, '');
  if (bare.startsWith('file_string://')) return splitList(bare.slice(14)).flatMap(soundsOf);
  if (bare.startsWith('local_stream://')) return [{ kind: 'music' }];
  // One tone is a signal; a row of them is the music of a server that has no other.
  if (bare.startsWith('tone_stream://')) return [{ kind: bare.split('%(').length > 3 ? 'music' : 'tone' }];
  if (bare === '' || bare.startsWith('silence_stream://')) return [];
  return [{ kind: 'file', path: bare }];
}

/** Split at `!`; a name that holds one, a quote or a backslash has a backslash before it (core: escapeElement). */
function splitList(list: string): string[] {
  const parts = list.match(/(?:\\.|[^!\\])+/gs) ?? [];
  return parts.map((part) =>
    part.replaceAll(/\\(.)/gs, (_all, letter: string) => (letter === 's' ? ' ' : letter)),
  );
}
