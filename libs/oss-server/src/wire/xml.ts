const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Markup that is already escaped. */
export interface Xml {
  readonly markup: string;
}

export function element(name: string, content: string | number | boolean | readonly Xml[]): Xml {
  const inner =
    typeof content === 'object'
      ? content.map(({ markup }) => markup).join('')
      : String(content).replace(/[&<>"']/g, (character) => escapes[character] ?? character);
  return { markup: `<${name}>${inner}</${name}>` };
}

export function document(root: string, content: string | readonly Xml[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(root, content).markup}\n`;
}
