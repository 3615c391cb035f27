/** `<plugin>/<topic>/<key>`, as a client writes it. */
export interface StreamAddress {
  readonly plugin: string;
  readonly topic: string;
  readonly key: string;
}

const pattern = /^([a-z][a-z0-9-]{0,63})\/([a-z][a-zA-Z0-9-]{0,63})\/([^\s/][^\s]{0,199})$/;

/** Null when it is not a stream name. The key `me` becomes the user's own id. */
export function parseStreamName(name: string, userId: string): StreamAddress | null {
  const [, plugin, topic, key] = pattern.exec(name) ?? [];
  if (!plugin || !topic || !key) return null;
  return { plugin, topic, key: key === 'me' ? userId : key };
}
