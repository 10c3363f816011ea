import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

export interface AnsweredRequest {
  readonly method: string;
  readonly path: string;
  readonly answer: Response;
  readonly document: unknown;
}

interface MediaTypes {
  readonly content?: Readonly<Record<string, { readonly schema: { readonly $ref: string } }>>;
}
interface Described extends MediaTypes {
  readonly $ref?: string;
}
interface Api {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Described>> }>>>
  >;
  readonly components: { readonly responses: Readonly<Record<string, MediaTypes>> };
}

/** Compares answers with docs/reference/openapi.json. The result throws for an answer that is not described there. */
export function describedAnswers(): (answered: AnsweredRequest) => void {
  const api: Api = JSON.parse(readFileSync('docs/reference/openapi.json', 'utf8'));
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv);
  ajv.addSchema(api, 'openapi.json');
  return ({ method, path, answer, document }) => {
    const content = contentOf(api, { method, path, status: answer.status });
    const [type, media] = Object.entries(content ?? {})[0] ?? [];
    const about = `${method} ${path} ${answer.status}`;
    if (answer.headers.get('content-type') !== (type ?? null)) throw new Error(`${about} is no ${type}`);
    if (media === undefined) return;
    const check = ajv.compile({ $ref: `openapi.json${media.schema.$ref}` });
    if (!check(document)) throw new Error(`${about}: ${ajv.errorsText(check.errors)}`);
  };
}

/** Returns what an answer may hold. What is not described at all is a problem. */
function contentOf(
  { paths, components: { responses } }: Api,
  { method, path, status }: { readonly method: string; readonly path: string; readonly status: number },
): MediaTypes['content'] {
  const operation = paths[templateOf(Object.keys(paths), path)]?.[method.toLowerCase()];
  if (operation === undefined && status >= 400) return responses['Problem404']?.content;
  const described = operation?.responses[status];
  if (described === undefined) throw new Error(`${method} ${path}: ${status} is not described`);
  const { $ref: reference } = described;
  return (reference === undefined ? described : responses[reference.split('/').at(-1) ?? ''])?.content;
}

/** Returns the template of a path. A fixed part wins over a parameter. */
function templateOf(templates: readonly string[], path: string): string {
  const parts = path.split('/');
  const isOf = (template: string): boolean => {
    const patterns = template.split('/');
    return (
      parts.length === patterns.length &&
      patterns.every((pattern, at) => pattern.startsWith('{') || pattern === parts[at])
    );
  };
  return templates.filter(isOf).toSorted((a, b) => parameters(a) - parameters(b))[0] ?? '';
}

const parameters = (template: string): number => template.split('{').length;
