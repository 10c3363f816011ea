import { describe, expect, it } from 'vitest';
import { merge, outside, template, type Values } from './render-chart.ts';

/** Wrong values, each with the path that Helm must name and a word of the reason. */
const wrong: readonly (readonly [what: string, values: Values, place: string, reason: RegExp])[] = [
  ['an unknown key', { replicas: 2 }, "at ''", /'replicas' not allowed/],
  ['an unknown key of a service', { blobService: { replica: 2 } }, '/blobService', /'replica' not allowed/],
  ['a number as text', { blobService: { replicas: 'two' } }, '/blobService/replicas', /want .*integer/],
  ['a negative number', { apiGateway: { replicas: -1 } }, '/apiGateway/replicas', /minimum/],
  ['a driver that is none', { storage: { driver: 'gcs' } }, '/storage/driver', /must be one of/],
  [
    'a bucket of no name',
    { storage: { s3: { bucket: null } } },
    '/storage/s3/bucket',
    /got null, want string/,
  ],
  [
    'azure without a container',
    { storage: { driver: 'azure', azure: { accountname: 'a' } } },
    '/storage/azure',
    /missing property 'container'/,
  ],
  ['swift without anything', { storage: { driver: 'swift' } }, '/storage/swift', /'authurl', 'container'/],
  ['oss without a bucket', { storage: { driver: 'oss' } }, '/storage/oss', /missing property 'bucket'/],
  [
    'a parameter of another driver',
    { storage: { s3: { container: 'b' } } },
    '/storage/s3',
    /'container' not allowed/,
  ],
  [
    'a key of a store in the values',
    { storage: { s3: { secretkey: 'x' } } },
    '/storage/s3',
    /'secretkey' not allowed/,
  ],
  [
    'an account key in the values',
    { storage: { azure: { accountkey: 'x' } } },
    '/storage/azure',
    /'accountkey' not allowed/,
  ],
  ['a part of too few bytes', { storage: { s3: { chunksize: 1024 } } }, '/storage/s3/chunksize', /minimum/],
  ['a size that is none', { storage: { s3: { chunksize: 'big' } } }, '/storage/s3/chunksize', /pattern/],
  [
    'an endpoint without a scheme',
    { storage: { s3: { regionendpoint: 'minio:9000' } } },
    '/storage/s3/regionendpoint',
    /pattern/,
  ],
  [
    'too few threads',
    { storage: { filesystem: { maxthreads: 3 } } },
    '/storage/filesystem/maxthreads',
    /minimum/,
  ],
  [
    'an access mode that is none',
    { storage: { persistence: { accessModes: ['RWX'] } } },
    '/storage/persistence/accessModes/0',
    /must be one of/,
  ],
  [
    'no access mode',
    { storage: { persistence: { accessModes: [] } } },
    '/storage/persistence/accessModes',
    /minItems/,
  ],
  [
    'a volume of no size',
    { storage: { persistence: { size: 'large' } } },
    '/storage/persistence/size',
    /pattern/,
  ],
  ['a password in the values', { postgres: { password: 'x' } }, '/postgres', /'password' not allowed/],
  ['a port out of range', { postgres: { port: 70_000 } }, '/postgres/port', /maximum/],
  ['a pool of one', { postgres: { pool: 1 } }, '/postgres/pool', /minimum/],
  [
    'a password in an address',
    { nats: { servers: ['nats://user:password@nats:4222'] } },
    '/nats/servers/0',
    /pattern/,
  ],
  [
    'the database in the configuration',
    { configuration: { postgres: { host: 'a' } } },
    '/configuration',
    /'postgres' not allowed/,
  ],
  [
    'a driver in the configuration',
    { configuration: { storage: { s3: {} } } },
    '/configuration/storage',
    /'s3' not allowed/,
  ],
  [
    'a secret in the configuration',
    { configuration: { http: { secret: 'x' } } },
    '/configuration/http',
    /'secret' not allowed/,
  ],
  ['a feature that is not there', { configuration: { proxy: {} } }, '/configuration', /'proxy' not allowed/],
  [
    'a misspelt key of the configuration',
    { configuration: { gc: { grce: '6h' } } },
    '/configuration/gc',
    /'grce' not allowed/,
  ],
  [
    'a level that is none',
    { configuration: { log: { level: 'loud' } } },
    '/configuration/log/level',
    /must be one of/,
  ],
  [
    'a duration that is none',
    { configuration: { gc: { grace: '1d' } } },
    '/configuration/gc/grace',
    /pattern/,
  ],
  [
    'a switch as text',
    { configuration: { gc: { enabled: 'sometimes' } } },
    '/configuration/gc/enabled',
    /want boolean/,
  ],
  [
    'a webhook without a URL',
    { configuration: { notifications: { endpoints: [{ name: 'ci' }] } } },
    '/configuration/notifications/endpoints/0',
    /missing property 'url'/,
  ],
  [
    'the headers of a webhook in the values',
    { configuration: { notifications: { endpoints: [{ name: 'ci', url: 'http://a', headers: {} }] } } },
    '/configuration/notifications/endpoints/0',
    /'headers' not allowed/,
  ],
  [
    'a variable that is none of ours',
    { configurationFromSecrets: [{ variable: 'PASSWORD', secret: 'a', key: 'b' }] },
    '/configurationFromSecrets/0/variable',
    /pattern/,
  ],
  [
    'a secret without a key',
    { configurationFromSecrets: [{ variable: 'REGISTRY_A', secret: 'a' }] },
    '/configurationFromSecrets/0',
    /missing property 'key'/,
  ],
  [
    'a Secret by a wrong name',
    { auth: { htpasswd: { existingSecret: 'My_Secret' } } },
    '/auth/htpasswd/existingSecret',
    /pattern/,
  ],
  ['a mode that is none', { migrations: { mode: 'auto' } }, '/migrations/mode', /must be one of/],
  [
    'a pull policy that is none',
    { image: { pullPolicy: 'Sometimes' } },
    '/image/pullPolicy',
    /must be one of/,
  ],
  [
    'half a digest',
    { blobService: { image: { digest: 'sha256:abc' } } },
    '/blobService/image/digest',
    /pattern/,
  ],
  [
    'a Service of a wrong type',
    { apiGateway: { service: { type: 'Public' } } },
    '/apiGateway/service/type',
    /must be one of/,
  ],
  [
    'a memory that is none',
    { blobService: { resources: { limits: { memory: '2 GB' } } } },
    '/blobService/resources/limits/memory',
    /pattern/,
  ],
  [
    'resources of nothing',
    { blobService: { resources: { request: {} } } },
    '/blobService/resources',
    /'request' not allowed/,
  ],
  [
    'a probe of its own kind',
    { blobService: { livenessProbe: { exec: {} } } },
    '/blobService/livenessProbe',
    /'exec' not allowed/,
  ],
  [
    'a variable without a name',
    { defaults: { extraEnv: [{ value: 'a' }] } },
    '/defaults/extraEnv/0',
    /missing property 'name'/,
  ],
  [
    'an effect that is none',
    { defaults: { tolerations: [{ effect: 'Never' }] } },
    '/defaults/tolerations/0/effect',
    /must be one of/,
  ],
  [
    'a strategy that is none',
    { defaults: { strategy: { type: 'Rolling' } } },
    '/defaults/strategy/type',
    /must be one of/,
  ],
  [
    'a route without a Gateway',
    { httpRoute: { parentRefs: [{}] } },
    '/httpRoute/parentRefs/0',
    /missing property 'name'/,
  ],
  [
    'a timeout of another language',
    { httpRoute: { timeouts: { request: 'none' } } },
    '/httpRoute/timeouts/request',
    /pattern/,
  ],
  ['an address that is none', { externalUrl: 'registry.example' }, '/externalUrl', /pattern/],
  ['a host with a path', { ingress: { host: 'registry.example/v2' } }, '/ingress/host', /pattern/],
  [
    'a party that nobody knows',
    { networkPolicy: { outside: { world: [] } } },
    '/networkPolicy/outside',
    /'world' not allowed/,
  ],
  [
    'a network without an address',
    { networkPolicy: { outside: { store: [{ ipBlock: {} }] } } },
    '/networkPolicy/outside/store/0/ipBlock',
    /missing property 'cidr'/,
  ],
];

describe('values.schema.json', () => {
  it.each(wrong)('refuses %s', async (_what, values, place, reason) => {
    const result = await template(merge(outside, values));
    expect(result).toHaveProperty('refusal');
    const { refusal } = { refusal: '', ...result };
    expect(refusal).toContain("values don't meet the specifications of the schema");
    const line = refusal
      .split('\n')
      .find((text) => text.includes(place.startsWith('/') ? `at '${place}'` : place));
    expect(line).toMatch(reason);
  });

  it('accepts any global values of a parent chart', async () => {
    expect(
      await template(merge(outside, { global: { imageRegistry: 'mirror', theirs: { a: 1 } } })),
    ).toHaveProperty('manifest');
  });
});
