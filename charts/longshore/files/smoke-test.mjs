// What `helm test` runs in the cluster: logs in where the registry asks for it, pushes an image, pulls it back, deletes it.
// REGISTRY is the gateway's address; USERNAME_FILE and PASSWORD_FILE hold an account, where accounts are asked for.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';

const { REGISTRY = '', TOKEN_URL = '', USERNAME_FILE = '', PASSWORD_FILE = '' } = process.env;
const repository = `longshore-test/${randomBytes(6).toString('hex')}`;
const account = existsSync(USERNAME_FILE) && [USERNAME_FILE, PASSWORD_FILE].map(read).join(':');
let authorization = {};

await login();
const layer = randomBytes(1024 * 1024);
const config = Buffer.from('{}');
const blobs = [
  [config, 'application/vnd.oci.empty.v1+json'],
  [layer, 'application/octet-stream'],
];
await Promise.all(blobs.map(([bytes]) => push(bytes)));
const [configDescriptor, layerDescriptor] = blobs.map(([bytes, mediaType]) => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
}));
const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  artifactType: 'application/vnd.longshore.test',
  config: configDescriptor,
  layers: [layerDescriptor],
});
const headers = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' };
await call('PUT', `/v2/${repository}/manifests/1`, 201, { body: manifest, headers });
console.log(`pushed ${repository}:1`);

const pulled = await call('GET', `/v2/${repository}/manifests/1`, 200, {
  headers: { accept: headers['content-type'] },
});
if ((await pulled.text()) !== manifest) stop('the manifest that was pulled is not the one that was pushed');
const blob = await call('GET', `/v2/${repository}/blobs/${layerDescriptor.digest}`, 200);
if (!layer.equals(Buffer.from(await blob.arrayBuffer())))
  stop('the layer that was pulled is not the one that was pushed');
console.log(`pulled ${repository}:1`);

const removal = await call('DELETE', `/v2/${repository}/manifests/${digestOf(manifest)}`, [202, 405]);
if (removal.status === 202) await call('GET', `/v2/${repository}/manifests/1`, 404);
console.log(removal.status === 202 ? `deleted ${repository}:1` : 'deletion is switched off');

async function login() {
  const answer = await fetch(`${REGISTRY}/v2/`);
  if (answer.status === 200) return console.log('the registry is open to everybody');
  if (answer.status !== 401) stop(`GET /v2/ answered ${answer.status}: ${await answer.text()}`);
  if (!account)
    stop('the registry wants an account: name a Secret with username and password in tests.existingSecret');
  const basic = `Basic ${Buffer.from(account).toString('base64')}`;
  const challenge = answer.headers.get('www-authenticate') ?? '';
  authorization = {
    authorization: challenge.startsWith('Bearer') ? `Bearer ${await token(challenge, basic)}` : basic,
  };
  await call('GET', '/v2/', 200);
  console.log('logged in');
}

/** Our own token endpoint is asked at the gateway: the address that clients use may not lead here. */
async function token(challenge, basic) {
  const [realm, service] = ['realm', 'service'].map(
    (name) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? '',
  );
  const url = new URL(TOKEN_URL || realm);
  url.searchParams.set('service', service);
  url.searchParams.set('scope', `repository:${repository}:pull,push,delete`);
  const answer = await fetch(url, { headers: { authorization: basic } });
  const document = await answer.json();
  return document.token ?? document.access_token ?? stop(`no token from ${url}: ${JSON.stringify(document)}`);
}

async function push(bytes) {
  const started = await call('POST', `/v2/${repository}/blobs/uploads/`, 202);
  const { pathname, search } = new URL(started.headers.get('location'), REGISTRY);
  const separator = search === '' ? '?' : '&';
  await call('PUT', `${pathname}${search}${separator}digest=${digestOf(bytes)}`, 201, { body: bytes });
}

async function call(method, path, wanted, { headers: own = {}, body } = {}) {
  const answer = await fetch(`${REGISTRY}${path}`, { method, body, headers: { ...authorization, ...own } });
  if (![wanted].flat().includes(answer.status))
    stop(`${method} ${path} answered ${answer.status} instead of ${wanted}: ${await answer.text()}`);
  return answer;
}

function digestOf(bytes) {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function read(path) {
  return readFileSync(path, 'utf8').trimEnd();
}

function stop(reason) {
  console.error(reason);
  process.exit(1);
}
