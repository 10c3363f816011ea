import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { answers } from '../process/answers.ts';
import { requireProgram } from '../../programs.ts';
import { interpreterOf, runProgram, scriptPath } from '../process/python.ts';
import { ServerProcess } from '../process/server-process.ts';
import { adminPassword, servicePassword } from './keystone-seed.ts';
import type { SwiftAuth } from './swift-configuration.ts';

const install = 'apt-get install --no-install-recommends python3-keystone python3-keystonemiddleware';

/** Creates the database and the keys of a Keystone with one administrator. */
export async function prepareKeystone(home: string, port: number, tokenLifeSeconds: number) {
  const manager = requireProgram('keystone-manage', install);
  const python = await interpreterOf(manager);
  const folder = `${home}/keystone`;
  const configuration = `${folder}/keystone.conf`;
  await Promise.all(['fernet', 'credential'].map((keys) => makeKeys(`${folder}/${keys}`)));
  await writeFile(configuration, keystoneConfiguration(folder, tokenLifeSeconds));
  const manage = (...options: string[]) => runProgram(manager, ['--config-file', configuration, ...options]);
  // Without WAL, a reader that Keystone left open makes a later write fail: "database is locked".
  const wal = "import sqlite3,sys; sqlite3.connect(sys.argv[1]).execute('pragma journal_mode=wal')";
  await runProgram(python, ['-c', wal, `${folder}/keystone.db`]);
  await manage('db_sync');
  const url = `http://127.0.0.1:${port}/v3`;
  const urls = ['public', 'internal', 'admin'].flatMap((kind) => [`--bootstrap-${kind}-url`, url]);
  await manage(
    'bootstrap',
    '--bootstrap-password',
    adminPassword,
    '--bootstrap-region-id',
    'RegionOne',
    ...urls,
  );
  return new ServerProcess({
    program: python,
    options: [scriptPath('serve-keystone.py'), String(port)],
    environment: { OS_KEYSTONE_CONFIG_FILES: configuration, OS_KEYSTONE_CONFIG_DIR: folder },
    log: `${home}/keystone.log`,
    ready: () => answers(url),
    readyWithinMs: 90_000,
  });
}

/** Makes the keys of `keystone-manage fernet_setup` and `credential_setup`, which take seconds to start: the staged key 0, and the primary key 1. */
async function makeKeys(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const makeKey = (name: string) =>
    writeFile(
      `${folder}/${name}`,
      randomBytes(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
      { mode: 0o600 },
    );
  await Promise.all(['0', '1'].map(makeKey));
}

function keystoneConfiguration(folder: string, tokenLifeSeconds: number): string {
  // The minimum of bcrypt rounds: a login takes milliseconds instead of a third of a second.
  return `[DEFAULT]
use_stderr = true
[database]
connection = sqlite:///${folder}/keystone.db
[cache]
enabled = false
[identity]
password_hash_rounds = 4
[auth]
methods = password,token,application_credential
[token]
provider = fernet
expiration = ${tokenLifeSeconds}
[fernet_tokens]
key_repository = ${folder}/fernet
[fernet_receipts]
key_repository = ${folder}/fernet
[credential]
key_repository = ${folder}/credential
`;
}

/** Makes Swift ask Keystone about every token; otherwise it would accept one for minutes after its end. */
export function keystoneAuth(port: number): SwiftAuth {
  return {
    pipeline: 'authtoken keystoneauth',
    sections: `[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
www_authenticate_uri = http://127.0.0.1:${port}/v3
auth_url = http://127.0.0.1:${port}/v3
auth_type = password
username = swift
password = ${servicePassword}
project_name = service
user_domain_id = default
project_domain_id = default
delay_auth_decision = true
cache = swift.cache
include_service_catalog = false
token_cache_time = -1
service_type = object-store
[filter:keystoneauth]
use = egg:swift#keystoneauth
operator_roles = admin, member
reseller_prefix = AUTH
`,
  };
}
