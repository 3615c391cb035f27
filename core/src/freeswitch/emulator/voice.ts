/** A tone of its own for each party, so that a recording shows who was heard: 300 to 1100 Hz in steps of 20. */
export function voiceHz(name: string): number {
  let sum = 7;
  for (const c of name) sum = (sum * 31 + c.charCodeAt(0)) >>> 0;
  return 300 + (sum % 41) * 20;
}
