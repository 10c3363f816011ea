import type { SwiftParameters } from '../swift-parameters.ts';
import { listAt, textAt } from './json-field.ts';
import { storageUrlOf } from './session.ts';
import { StorageError } from '@longshore/storage';

type Wanted = Pick<SwiftParameters, 'region' | 'endpointtype'>;

interface Endpoint {
  readonly region: string;
  readonly type: string;
  readonly url: string;
}

/** Finds the object store's endpoint in a catalog of Keystone v3. @throws StorageError that names the parameter to check */
export function endpointOfV3(catalog: readonly unknown[], wanted: Wanted): URL {
  return chosen(
    endpoints(catalog, (endpoint) => [
      {
        region: textAt(endpoint, 'region') ?? textAt(endpoint, 'region_id') ?? '',
        type: textAt(endpoint, 'interface') ?? '',
        url: textAt(endpoint, 'url') ?? '',
      },
    ]),
    wanted,
  );
}

/** Finds the object store's endpoint in a catalog of Keystone v2. @throws StorageError that names the parameter to check */
export function endpointOfV2(catalog: readonly unknown[], wanted: Wanted): URL {
  return chosen(
    endpoints(catalog, (endpoint) =>
      ['public', 'internal', 'admin'].flatMap((type) => {
        const url = textAt(endpoint, `${type}URL`);
        return url === undefined ? [] : [{ region: textAt(endpoint, 'region') ?? '', type, url }];
      }),
    ),
    wanted,
  );
}

function endpoints(
  catalog: readonly unknown[],
  read: (endpoint: unknown) => readonly Endpoint[],
): readonly Endpoint[] {
  return catalog
    .filter((service) => textAt(service, 'type') === 'object-store')
    .flatMap((service) => listAt(service, 'endpoints'))
    .flatMap(read);
}

function chosen(all: readonly Endpoint[], { region, endpointtype }: Wanted): URL {
  if (all.length === 0) throw refused('the catalog of authurl has no object-store for this user and project');
  const ofType = all.filter(({ type }) => type === endpointtype);
  if (ofType.length === 0)
    throw refused(`endpointtype ${endpointtype}: the catalog has ${names(all.map(({ type }) => type))}`);
  const found = ofType.find((endpoint) => region === undefined || endpoint.region === region);
  if (found === undefined)
    throw refused(`region ${region}: the catalog has ${names(ofType.map((endpoint) => endpoint.region))}`);
  if (!URL.canParse(found.url)) throw refused('the URL of the object-store in the catalog is none');
  return storageUrlOf(found.url);
}

function names(all: readonly string[]): string {
  return [...new Set(all)].join(', ');
}

function refused(reason: string): StorageError {
  return new StorageError('denied', { driver: 'swift', reason });
}
