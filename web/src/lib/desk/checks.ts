/** The server's own rules, so that a form can say at once what it would refuse. */
export const nameMax = 100;

export function isEmail(text: string): boolean {
  const trimmed = text.trim();
  return trimmed.length <= 254 && /^[^@\s]+@[^@\s]+$/.test(trimmed);
}

/** What is wrong with a name: nothing there, or too much. */
export function nameTrouble(text: string): 'empty' | 'long' | null {
  const { length } = text.trim();
  return length === 0 ? 'empty' : length > nameMax ? 'long' : null;
}
