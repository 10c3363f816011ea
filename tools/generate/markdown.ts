/** Writes a GitHub table. Cells are Markdown; a `|` in one, escaped or not, must not end it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(lineOf).join('\n');
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll(/\\?\|/g, String.raw`\|`)).join(' | ')} |`;
}

/** Keeps an empty text empty: a pair of backticks around nothing is text. */
export function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

/** Writes a page. Its first line names the source, since an edit of the page would be lost. */
export function page(title: string, sources: string, parts: readonly string[]): string {
  return `${[`# ${title}`, `<!-- Written by \`npm run generate\` from ${sources}. Edit that, not this. -->`, ...parts].join('\n\n')}\n`;
}
