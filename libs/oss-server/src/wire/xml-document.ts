import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { OssError } from './oss-error.ts';

// Entities are decoded below: the parser ignores numeric ones, which Go's encoder writes, and limits their number.
const parser = new XMLParser({ parseTagValue: false, trimValues: false, processEntities: false });

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Parses a document and returns its root. @throws OssError MalformedXML, also if the root has another name */
export function parseDocument(text: string, root: string): XmlElement {
  if (XMLValidator.validate(text) !== true) throw new OssError('MalformedXML');
  const parsed: unknown = parser.parse(text);
  return new XmlElement(parsed).child(root);
}

export class XmlElement {
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  get text(): string {
    if (typeof this.#value !== 'string') throw new OssError('MalformedXML');
    return this.#value.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, decoded);
  }

  children(name: string): XmlElement[] {
    if (typeof this.#value !== 'object' || this.#value === null) return [];
    const found: unknown = Object.entries(this.#value).find(([key]) => key === name)?.[1];
    if (found === undefined) return [];
    return (Array.isArray(found) ? found : [found]).map((value: unknown) => new XmlElement(value));
  }

  /** Returns the only child of that name. @throws OssError MalformedXML if there is none, or several */
  child(name: string): XmlElement {
    const [only, ...others] = this.children(name);
    if (only === undefined || others.length > 0) throw new OssError('MalformedXML');
    return only;
  }
}

function decoded(entity: string, hexadecimal?: string, decimal?: string, name = ''): string {
  if (hexadecimal !== undefined) return String.fromCodePoint(Number.parseInt(hexadecimal, 16));
  if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
  return named[name] ?? entity;
}
