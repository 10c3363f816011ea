/**
 * Writes characters that a terminal or a viewer acts on, and that JSON leaves as they are, as their escapes: DEL and the C1 controls (U+009B
 * begins a sequence as ESC [ does), line separators, and those that turn the direction of text. They stand in strings only.
 */
export function escapeControls(line: string): string {
  return line.replaceAll(acting, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });
}

const acting = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
