import { isIP } from 'node:net';
import { isAbsolute, resolve } from 'node:path';
import { shapeOf } from '@longshore/fields';
import type { z } from 'zod';
import type { Problem } from './configuration-error.ts';
import { driverSections } from './fragments/drivers.ts';
import { configurationSchema } from './schema.ts';
import type { Value } from './sources/document.ts';
import { type Origin, originOf } from './sources/gather.ts';
import { isRecord } from './sources/place-value.ts';

/** Returns warnings for given keys that have no effect, or probably not the intended one. */
export function warningsOf(input: Record<string, Value>, origins: ReadonlyMap<string, Origin>): Problem[] {
  return [
    ...ignoredBelow(input, configurationSchema, []),
    ...relativeDirectory(input, origins),
    ...redirectsToAddress(input),
  ];
}

/**
 * Warns of a relative directory: the store would depend on the service's working directory. The caller's defaults are absolute, or relative on
 * purpose.
 */
function relativeDirectory(
  { storage }: Record<string, Value>,
  origins: ReadonlyMap<string, Origin>,
): Problem[] {
  const section = isRecord(storage) ? storage['filesystem'] : undefined;
  const directory = isRecord(section) ? section['rootdirectory'] : undefined;
  const path = 'storage.filesystem.rootdirectory';
  if (
    typeof directory !== 'string' ||
    isAbsolute(directory) ||
    originOf(origins, path.split('.'))?.kind === 'presumed'
  )
    return [];
  return [
    {
      path,
      message: `is relative: it means ${resolve(directory)} when started here; write an absolute path`,
    },
  ];
}

/** crane, ko and others built on go-containerregistry follow a redirect only to a host name, since an address may belong to an internal service. */
function redirectsToAddress({ storage }: Record<string, Value>): Problem[] {
  if (!isRecord(storage)) return [];
  const redirect = storage['redirect'];
  const disabled = isRecord(redirect) ? redirect['disable'] : undefined;
  if (disabled === true || disabled === 'true') return [];
  return Object.entries(driverSections).flatMap(([driver, schema]) => {
    const section = storage[driver];
    if (!isRecord(section)) return [];
    const used = typeof section['redirectendpoint'] === 'string' ? 'redirectendpoint' : endpointOf(schema);
    const endpoint = used === undefined ? undefined : section[used];
    if (typeof endpoint !== 'string' || !isAddress(endpoint)) return [];
    const message =
      'is an address: pulls are redirected there, and clients like crane do not follow; name a host, or set storage.redirect.disable';
    return [{ path: `storage.${driver}.${used}`, message }];
  });
}

/** The parameter that tells a driver which host clients are sent to. */
function endpointOf(driver: z.ZodType): string | undefined {
  const shape = shapeOf(driver);
  const keys = shape.kind === 'section' ? Object.entries(shape.keys) : [];
  return keys.find(([, schema]) => shapeOf(schema).facts.reachedByClients === true)?.[0];
}

function isAddress(endpoint: string): boolean {
  const url = /^[a-z]+:\/\//i.test(endpoint) ? endpoint : `http://${endpoint}`;
  if (!URL.canParse(url)) return false;
  return isIP(new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

function ignoredBelow(value: Value, schema: z.ZodType, path: readonly string[]): Problem[] {
  if (value === undefined) return [];
  const shape = shapeOf(schema);
  const { ignored, idle } = shape.facts;
  if (ignored !== undefined) return [{ path: path.join('.'), message: `has no effect: ${ignored}` }];
  if (idle !== undefined) return [{ path: path.join('.'), message: `is left out: ${idle}` }];
  if (shape.kind === 'list' && Array.isArray(value))
    return value.flatMap((item, index) => ignoredBelow(item, shape.element, [...path, String(index)]));
  if (shape.kind !== 'section' || !isRecord(value)) return [];
  return Object.entries(shape.keys).flatMap(([key, below]) =>
    ignoredBelow(value[key], below, [...path, key]),
  );
}
