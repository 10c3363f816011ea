import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { commands, runCli } from './run-cli.ts';
import { version } from './version.ts';

const folder = mkdtempSync(join(tmpdir(), 'longshore-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, `${Math.random().toString(36).slice(2)}.yml`);
  writeFileSync(path, text);
  return path;
}

async function run(
  line: readonly string[],
  environment: Record<string, string> = {},
): Promise<{ status: number; printed: string; complained: string }> {
  const printed: string[] = [];
  const complained: string[] = [];
  const status = await runCli(line, {
    environment,
    print: (text) => void printed.push(text),
    complain: (text) => void complained.push(text),
  });
  return { status, printed: printed.join('\n'), complained: complained.join('\n') };
}

async function json(...line: string[]): Promise<unknown> {
  return JSON.parse((await run([...line, '--json'])).printed);
}

describe('longshore', () => {
  it('explains itself, and each command with examples', async () => {
    const { status, printed } = await run(['--help']);
    expect(status).toBe(0);
    expect(printed).toMatch(/^Usage: longshore /);
    for (const { name, summary, examples, options } of commands) {
      const help = await run([...name.split(' '), '--help']);
      expect(help.status).toBe(0);
      expect(help.printed).toContain(`Usage: longshore ${name} [options]`);
      expect(help.printed.replaceAll(/\s+/g, ' ')).toContain(summary);
      for (const option of [...options, 'json']) expect(help.printed).toContain(`--${option}`);
      for (const example of examples) expect(help.printed).toContain(example);
      expect(examples.length).toBeGreaterThan(0);
    }
  });

  it('prints its version', async () => {
    expect(await run(['--version'])).toEqual({ status: 0, printed: version, complained: '' });
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it.each([
    [[], 'Usage: longshore'],
    [['migrat'], "unknown command 'migrat'\n(Did you mean migrate?)"],
    [['configuration'], 'Usage: longshore configuration'],
    [['configuration', 'chek'], 'Did you mean check?'],
    [['migrate', 'now'], 'too many arguments'],
    [['migrate', '--service', 'notifier'], "unknown option '--service'"],
    [['migrate', '--config'], "option '--config <file>' argument missing"],
    [['storage', 'copy', '--from', 'x'], "required option '--to <file>' not specified"],
    [['configuration', 'check', '--service', 'gateway'], 'Allowed choices are api-gateway'],
    [['configuration', 'check', '--service', 'notifier', '--standalone'], 'cannot be used with'],
    [['completion', 'tcsh'], 'Allowed choices are'],
  ])('refuses the line %j with what is wrong', async (line, message) => {
    const { status, printed, complained } = await run(line);
    expect(status).toBe(64);
    expect(printed).toBe('');
    expect(complained).toContain(message);
  });

  it('writes JSON on request', async () => {
    const path = file('version: 0.1\nstorage:\n  inmemory: {}\nredis: {}\n');
    expect(await json('configuration', 'check', '--config', path)).toEqual({
      problems: [],
      warnings: [{ path: 'redis', message: expect.any(String) }],
    });
    expect(await json('configuration', 'check')).toMatchObject({ problems: [{ path: 'storage' }] });
    expect(await json('configuration', 'describe', 'gc.grace')).toMatchObject([
      { key: 'gc.grace', default: '24h' },
    ]);
    expect(await json('configuration', 'print', '--config', path)).toContainEqual({
      key: 'gc.grace',
      value: '24h',
      origin: 'default',
    });
    expect(await json('storage', 'check', '--config', path)).toMatchObject({
      driver: 'inmemory',
      usable: true,
    });
  });
});

/** Returns the completions that a shell gets for a line. */
async function completed(...line: string[]): Promise<string[]> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  await run(['complete', '--', ...line]);
  const words = log.mock.calls.map(([text]) => String(text).split('\t')[0] ?? '');
  log.mockRestore();
  return words;
}

describe('completion', () => {
  afterEach(() => vi.restoreAllMocks());
  it('knows commands, options, their words, and keys', async () => {
    expect(await completed('')).toEqual(
      expect.arrayContaining(['migrate', 'configuration', 'storage', 'completion']),
    );
    expect(await completed('storage', 'c')).toEqual(expect.arrayContaining(['check', 'copy']));
    expect(await completed('storage', 'copy', '--')).toEqual(
      expect.arrayContaining(['--from', '--to', '--json']),
    );
    expect(await completed('configuration', 'check', '--service', 'no')).toContain('notifier');
    expect(await completed('configuration', 'check', '--config', '')).toContain('docker-compose.yml');
    expect(await completed('configuration', 'describe', 'gc.')).toContain('gc.grace');
  });

  it.each(['bash', 'zsh', 'fish'])('writes the script for %s', async (shell) => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    expect((await run(['completion', shell])).status).toBe(0);
    expect(log.mock.calls.join('\n')).toContain('longshore complete -- ');
  });
});

describe('configuration check', () => {
  const check = ['configuration', 'check'];

  it('says OK, and warns of keys without effect', async () => {
    const path = file('version: 0.1\nstorage:\n  inmemory: {}\n  cache:\n    layerinfo: inmemory\n');
    const { status, printed } = await run([...check, '--config', path]);
    expect(status).toBe(0);
    expect(printed).toMatch(/^warning: storage\.cache\.layerinfo has no effect: .+\nOK$/);
  });

  it('lists every problem, of file and environment', async () => {
    const path = file('version: 0.1\nstorage:\n  inmemory: {}\nhtpp:\n  addr: :5000\n');
    const { status, printed, complained } = await run([...check, '--config', path], {
      REGISTRY_GC_GRACE: 'soon',
    });
    expect(status).toBe(78);
    expect(printed).toBe('');
    expect(complained).toContain('htpp is no key of the configuration; did you mean http?');
    expect(complained).toContain('gc.grace ');
    expect(complained).toMatch(/2 problems$/);
  });

  it('checks the start of the named service', async () => {
    const path = file(
      'version: 0.1\nstorage:\n  inmemory: {}\nauth: { htpasswd: { path: /dev/null }, token: {} }\n',
    );
    const judged = await run([...check, '--service', 'auth-service', '--config', path]);
    expect(judged.status).toBe(78);
    expect(judged.complained).toMatch(
      /^nats is required by this service\npostgres is required .+\nservices\.secret is required .+\n3 problems$/,
    );
    const whole = {
      REGISTRY_NATS_SERVERS: 'a:4222',
      REGISTRY_POSTGRES_HOST: 'db',
      REGISTRY_SERVICES_SECRET: 'shared',
    };
    const withBoth = await run([...check, '--service', 'auth-service', '--config', path], whole);
    expect(withBoth.complained).toMatch(/^http\.secret is required with auth\.token: .+\n1 problem$/);
    expect((await run([...check, '--service', 'notifier', '--config', path], whole)).printed).toBe('OK');
  });

  it('misses the password of the account that searches a directory only where the directory is asked', async () => {
    const ldap = 'ldap: { urls: [ldaps://a], search: { base: dc=a, binddn: cn=reader } }';
    const path = file(`version: 0.1\nstorage:\n  inmemory: {}\nauth: { ${ldap} }\n`);
    const services = {
      REGISTRY_NATS_SERVERS: 'a:4222',
      REGISTRY_POSTGRES_HOST: 'db',
      REGISTRY_SERVICES_SECRET: 'shared',
    };
    const asking = await run([...check, '--service', 'auth-service', '--config', path], services);
    expect(asking.complained).toMatch(/^auth\.ldap\.search\.password is required with binddn\n1 problem$/);
    const other = await run([...check, '--service', 'blob-service', '--config', path], services);
    expect(other.printed).toBe('OK');
    expect((await run([...check, '--standalone', '--config', path])).status).toBe(78);
  });

  it('shows the warnings when there are problems, too', async () => {
    const path = file('version: 0.1\nstorage:\n  inmemory: {}\nredis: { addr: x }\ngc: { grace: soon }\n');
    const { status, complained } = await run([...check, '--config', path]);
    expect(status).toBe(78);
    expect(complained).toMatch(/^warning: redis has no effect: .+\ngc\.grace must be .+\n1 problem$/);
  });

  it('prints no value, since it may be a secret', async () => {
    const { complained } = await run(check, {
      REGISTRY_POSTGRES_URL: 'mysql://hunter2@db',
      REGISTRY_STORAGE: 'inmemory',
    });
    expect(complained).toContain('postgres.url');
    expect(complained).not.toContain('hunter2');
  });

  it('reads the file that REGISTRY_CONFIGURATION_PATH names', async () => {
    const { status, complained } = await run(check, { REGISTRY_CONFIGURATION_PATH: '/nowhere.yml' });
    expect(status).toBe(78);
    expect(complained).toContain('/nowhere.yml cannot be read (ENOENT)');
  });

  it('requires storage for a service, and none for standalone', async () => {
    expect((await run(check)).complained).toContain('storage ');
    expect((await run([...check, '--standalone'])).printed).toBe('OK');
  });
});

describe('configuration describe', () => {
  const describeKeys = ['configuration', 'describe'];

  it('explains every key with its default and its variable', async () => {
    const { status, printed } = await run(describeKeys);
    expect(status).toBe(0);
    expect(printed).toContain('gc.grace  (duration, default 24h)  REGISTRY_GC_GRACE\n    ');
    expect(printed).toContain('auth.htpasswd.path  (text, required)  REGISTRY_AUTH_HTPASSWD_PATH\n    ');
  });

  it('explains the keys below one', async () => {
    const { printed } = await run([...describeKeys, 'notifications.endpoints']);
    expect(printed).toContain('notifications.endpoints[].url');
    expect(printed).not.toContain('gc.grace');
  });

  it('refuses an unknown key', async () => {
    const { status, complained } = await run([...describeKeys, 'gc.grac']);
    expect(status).toBe(64);
    expect(complained).toBe('gc.grac is no key of the configuration; without a key, all are listed');
  });
});

describe('policy explain', () => {
  const rules = `version: 0.1
storage: inmemory
auth: { htpasswd: { path: /accounts }, token: {} }
access:
  everybody: reader
  rules:
    - { name: developers, subjects: ['group:dev'], role: maintainer, repositories: ['team/**'] }
    - { name: releases, effect: deny, subjects: [everybody], actions: [overwrite, delete], when: 'tag.startsWith("v")' }
    - { name: ci, subjects: ['robot:ci'], role: writer, when: 'claims.branch == "main"' }
`;
  const explain = (...words: string[]) => run(['policy', 'explain', ...words, '--config', file(rules)]);

  it('names the rule that decides, and why the others do not', async () => {
    expect((await explain('ann', 'overwrite', 'team/app', '--group', 'dev', '--tag', 'v1')).printed).toBe(
      [
        'denied by releases',
        '  releases (deny): applies',
        '  developers (allow): applies',
        '  access.everybody (allow): another action',
        '  ci (allow): another subject',
      ].join('\n'),
    );
    expect((await explain('anonymous', 'pull', 'any')).printed).toMatch(/^allowed by access.everybody\n/);
    expect((await explain('ann', 'push', 'other/app', '--group', 'dev')).printed).toMatch(
      /^denied: no rule applies\n(?:.*\n)* {2}developers \(allow\): another repository/,
    );
    expect((await explain('robot:ci', 'push', 'a')).printed).toContain(
      '  ci (allow): the condition does not hold: field not found: branch',
    );
  });

  it('says that everybody may do everything without auth, whoever asks', async () => {
    const open = file('version: 0.1\nstorage:\n  inmemory: {}\n');
    for (const account of ['anonymous', 'ann'])
      expect(await run(['policy', 'explain', account, 'delete', 'a', '--config', open])).toMatchObject({
        status: 0,
        printed: 'allowed: the configuration has no auth, so everybody may do everything',
      });
  });

  it('refuses an unknown action, a name that is none, and rules that cannot be compiled', async () => {
    expect(await explain('ann', 'frob', 'a')).toMatchObject({
      status: 64,
      complained: expect.stringContaining('frob is no action'),
    });
    expect(await explain('ann', 'pull', 'A')).toMatchObject({
      status: 64,
      complained: expect.stringContaining('A is no name'),
    });
    const wrong = file(rules.replace('robot:ci', 'robot'));
    const { status, complained } = await run(['policy', 'explain', 'ann', 'pull', 'a', '--config', wrong]);
    expect(status).toBe(78);
    expect(complained).toContain('access.rules.2.subjects "robot" is none of');
  });
});

describe('configuration print', () => {
  it('writes the effective keys with their origin, and no secret', async () => {
    const path = file('version: 0.1\nstorage:\n  inmemory: {}\n');
    const { status, printed } = await run(['configuration', 'print', '--config', path], {
      REGISTRY_HTTP_SECRET: 'hunter2',
    });
    expect(status).toBe(0);
    expect(printed).toMatch(/^ {2}addr: :5000 # default$/m);
    expect(printed).toMatch(/^ {2}secret: "\*+" # REGISTRY_HTTP_SECRET$/m);
  });

  it('finds the home where npm start has it: a relative one is below the directory of the call', async () => {
    vi.stubEnv('INIT_CWD', folder);
    const { printed } = await run(['configuration', 'print', '--standalone'], { LONGSHORE_HOME: 'state' });
    vi.unstubAllEnvs();
    expect(printed).toContain(`rootdirectory: ${join(folder, 'state/storage')}`);
  });

  it('reports why it cannot read a file', async () => {
    const { status, complained } = await run(['configuration', 'print', '--config', '/nowhere.yml']);
    expect(status).toBe(78);
    expect(complained).toContain('/nowhere.yml cannot be read (ENOENT)');
  });
});

describe('migrate', () => {
  it('requires a database', async () => {
    const { status, complained } = await run(['migrate']);
    expect(status).toBe(78);
    expect(complained).toContain('postgres: is required');
  });

  it('distinguishes a database that does not answer from other failures', async () => {
    const { status, complained } = await run(['migrate'], {
      REGISTRY_POSTGRES_URL: 'postgres://127.0.0.1:1/none',
    });
    expect(status).toBe(69);
    expect(complained).toContain('ECONNREFUSED');
  });
});
