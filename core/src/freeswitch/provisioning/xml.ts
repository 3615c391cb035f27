/** Everything of ASCII but letters, figures and these is written as a number. */
const PLAIN = /[^A-Za-z0-9 ._@:/,+=\u0080-\uffff]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no way to write these
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/**
 * Text for an attribute of a document that FreeSWITCH reads. More than XML asks for is escaped, since FreeSWITCH
 * runs its pre-processor over the answer first: it would replace `$${name}` by its own secrets, run
 * `<X-PRE-PROCESS cmd="exec">`, and drop every line in which "X-PRE-PROCESS" or "<include>" stands.
 * Control characters that XML cannot hold are left out.
 */
export function escapeXml(text: string): string {
  return Buffer.from(text, 'utf8') // half a surrogate pair becomes U+FFFD
    .toString('utf8')
    .replace(UNWRITABLE, '')
    .replace(PLAIN, (character) => `&#${character.charCodeAt(0)};`);
}

export type XmlAttributes = Readonly<Record<string, string>>;

/** One element on lines of its own; the names are ours, the values are anybody's. */
export function element(name: string, attributes: XmlAttributes, children: readonly string[] = []): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  const open = `<${name}${written.join('')}`;
  return children.length === 0 ? `${open}/>` : [`${open}>`, ...children, `</${name}>`].join('\n');
}

/** `<params><param name= value=/></params>` and its like, which FreeSWITCH uses for everything. */
export function nameValues(group: string, item: string, values: XmlAttributes): string {
  const items = Object.entries(values).map(([name, value]) => element(item, { name, value }));
  return element(group, {}, items);
}

/** A whole answer to mod_xml_curl. */
export function document(section: string, children: readonly string[]): string {
  const body = element('section', { name: section }, children);
  return `${element('document', { type: 'freeswitch/xml' }, [body])}\n`;
}

/** "I do not know": FreeSWITCH then looks into its own files. It must come with status 200. */
export function notFoundXml(): string {
  return document('result', [element('result', { status: 'not found' })]);
}
