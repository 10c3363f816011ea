/**
 * Escapes characters that a terminal or a viewer interprets and JSON does not escape: DEL and the C1 controls (U+009B starts a sequence like ESC [),
 * line separators, and characters that change the direction of text. They occur only in strings.
 */
export function escapeControls(line: string): string {
  return line.replaceAll(acting, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });
}

const acting = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
