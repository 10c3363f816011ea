import { complaintOf, isMissing, nearest, shapeOf } from '@longshore/fields';
import type { z } from 'zod';
import type { Problem } from './configuration-error.ts';
import { configurationSchema } from './schema.ts';

/** Returns every problem that the schema found, one per mistake. */
export function problemsOf(issues: readonly z.core.$ZodIssue[]): Problem[] {
  const refused = issues.filter(({ path }) => isRefused(path)).map(({ path }) => sectionOf(path));
  // A refused key means that its section must be rewritten; its missing keys would only hide that.
  return issues
    .filter((issue) => !isMissing(issue) || !refused.includes(sectionOf(issue.path)))
    .flatMap((issue) => problemsOfIssue(issue));
}

type Path = readonly PropertyKey[];

const sectionOf = (path: Path): string => path.slice(0, -1).map(String).join('.');

const isRefused = (path: Path): boolean => {
  const schema = schemaAt(path.map(String));
  return schema !== undefined && shapeOf(schema).facts.refused !== undefined;
};

function problemsOfIssue(issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.map(String);
  const at = path.join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => {
      const meant = meantBy(key, path);
      return {
        path: [...path, key].join('.'),
        message: `is no key of the configuration${meant === undefined ? '' : `; did you mean ${meant}?`}`,
      };
    });
  return [{ path: at, message: complaintOf(issue) }];
}

/** Suggests a key of this name in another section (`delete` is `storage.delete`), or a similar name in this section. */
function meantBy(key: string, path: readonly string[]): string | undefined {
  const here = schemaAt(path);
  const shape = here && shapeOf(here);
  const similar = nearest(key, shape?.kind === 'section' ? Object.keys(shape.keys) : []);
  return similar ?? placesOf(key, configurationSchema, []).toSorted((a, b) => depth(a) - depth(b))[0];
}

const depth = (path: string): number => path.split('.').length;

function placesOf(wanted: string, schema: z.ZodType, path: readonly string[]): string[] {
  const shape = shapeOf(schema);
  if (shape.kind !== 'section') return [];
  const keys = Object.entries(shape.keys);
  return [
    ...(wanted in shape.keys ? [[...path, wanted].join('.')] : []),
    ...keys.flatMap(([key, below]) => placesOf(wanted, below, [...path, key])),
  ];
}

function schemaAt(path: readonly string[]): z.ZodType | undefined {
  let schema: z.ZodType = configurationSchema;
  for (const step of path) {
    const shape = shapeOf(schema);
    const below =
      shape.kind === 'section'
        ? shape.keys[step]
        : shape.kind === 'list'
          ? shape.element
          : shape.kind === 'map'
            ? shape.value
            : undefined;
    if (below === undefined) return undefined;
    schema = below;
  }
  return schema;
}
