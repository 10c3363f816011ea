import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lastingSecrets, writeBusPasswords } from './lasting-secrets.ts';
import { busPasswords, secretNames } from './names.ts';

// The secrets that docker-compose.yml mounts. None has a default, and none is ever replaced.
const folder = process.env['LONGSHORE_SECRETS'] ?? '.longshore/secrets';
// Readable by everyone who may enter the folder: the container reads it as another user.
const mode = 0o644;
const { values, made } = lastingSecrets(folder, secretNames.compose, mode);
writeBusPasswords(folder, values, mode);
for (const name of [...values.keys(), busPasswords]) {
  const kept = made.includes(name) || name === busPasswords ? 'made' : 'kept';
  console.log(`longshore: ${kept} ${join(folder, name)}`);
}

// Creates the operator's other files for docker-compose.yml, empty at first. Docker would create the folder for root.
mkdirSync(process.env['LONGSHORE_ACCOUNTS'] ?? '.longshore/accounts', { recursive: true });
const settings = process.env['LONGSHORE_SETTINGS'] ?? '.longshore/registry.env';
mkdirSync(dirname(settings), { recursive: true });
closeSync(openSync(settings, 'a'));
