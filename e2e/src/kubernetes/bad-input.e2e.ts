import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { attemptInstall, type Values } from './support/helm.ts';
import { apply, kubectl, type Pod, listed } from './support/kubectl.ts';
import { passingNamespace } from './support/namespaces.ts';
import {
  bringCredentials,
  ensureBacking,
  freshDatabase,
  modest,
  onBacking,
  replicasOfEach,
  sql,
} from './support/releases.ts';
import { onVersitygw, startVersitygw } from './support/versitygw.ts';

interface BadInput {
  readonly title: string;
  /** Name for the namespace and the database. */
  readonly topic: string;
  readonly values: readonly Values[];
  /** The expected message of the pod. */
  readonly says: RegExp;
  readonly prepare?: (namespace: string) => Promise<unknown>;
}

const timeoutSeconds = 30;
const ownVolume = { storage: { driver: 'filesystem', persistence: { size: '1Gi', keep: false } } };
const blobServiceAlone: Values = { ...replicasOfEach(0), blobService: { replicas: 1 }, ...ownVolume };
const migrated = { migrations: { mode: 'hook' } };
const unmigrated = { migrations: { mode: 'none' } };

const cases: readonly BadInput[] = [
  {
    title: 'a Secret that is not there',
    topic: 'secret',
    values: [{ postgres: { existingSecret: 'forgotten' } }, unmigrated],
    says: /REGISTRY_POSTGRES_PASSWORD_FILE: the file it names cannot be read/,
  },
  {
    title: "a database password that is not the database's",
    topic: 'password',
    values: [{ postgres: { existingSecret: 'wrong' } }, migrated],
    prepare: (namespace) =>
      apply(namespace, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'wrong' },
        stringData: { password: 'guessed' },
      }),
    says: /password authentication failed for user "longshore"/,
  },
  {
    title: 'a NATS that nobody answers for',
    topic: 'nats',
    values: [{ nats: { servers: ['nats://nowhere.invalid:4222'] } }, migrated],
    says: /no NATS server at nats:\/\/nowhere\.invalid:4222/,
  },
  {
    title: 'a schema that is too old',
    topic: 'old',
    values: [unmigrated],
    says: /schema is too old for this version.*longshore migrate/,
  },
  {
    title: 'a schema that is too new',
    topic: 'new',
    values: [migrated],
    prepare: async () => {
      await sql(
        'bad_new',
        'CREATE TABLE kysely_migration (name varchar(255) PRIMARY KEY, timestamp varchar(255) NOT NULL)',
      );
      await sql(
        'bad_new',
        "INSERT INTO kysely_migration VALUES ('9998-next', 'then'), ('9999-after-next', 'then')",
      );
    },
    says: /schema is too new for this version.*9998-next, 9999-after-next/,
  },
  {
    title: 'a volume that is read-only',
    topic: 'volume',
    values: [
      migrated,
      {
        blobService: {
          extraVolumes: [{ name: 'read-only', emptyDir: {} }],
          extraVolumeMounts: [{ name: 'read-only', mountPath: '/var/lib/registry/uploads', readOnly: true }],
        },
      },
    ],
    says: /the store refuses us: filesystem: denied/,
  },
  {
    title: "credentials that are not the store's",
    topic: 'store',
    values: [migrated, onVersitygw, { storage: { existingSecret: 'wrong-store' } }],
    prepare: async (namespace) => {
      await startVersitygw(namespace);
      const stringData = { accesskey: 'key-of-tests', secretkey: 'guessed' };
      await apply(namespace, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'wrong-store' },
        stringData,
      });
    },
    says: /the store refuses us: s3: denied/,
  },
];

interface Outcome {
  readonly code: number;
  readonly seconds: number;
  readonly logs: string;
  readonly messages: readonly string[];
  readonly before: string;
  readonly after: string;
}

const outcomes = new Map<string, Outcome>();
/** Reasons why a case could not run. */
const problems = new Map<string, unknown>();
const namespaces = new Map<string, string>();
for (const { topic } of cases) namespaces.set(topic, await passingNamespace(`bad-${topic}`));

/** Dumps the schema: everything that a migration could create or change. */
function schemaOf(database: string): Promise<string> {
  const columns = `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2`;
  return sql(database, columns);
}

async function tryOut({ topic, values, prepare, says }: BadInput): Promise<Outcome> {
  const namespace = namespaces.get(topic) ?? '';
  const database = `bad_${topic}`;
  await freshDatabase(database);
  await bringCredentials(namespace);
  await prepare?.(namespace);
  const before = await schemaOf(database);
  const begun = performance.now();
  const { code } = await attemptInstall(
    { name: 'longshore', namespace },
    { values: [modest, blobServiceAlone, onBacking(database), ...values], timeoutSeconds },
  );
  const seconds = (performance.now() - begun) / 1000;
  const said = await whatIsSaid(namespace, says);
  return { code, seconds, ...said, before, after: await schemaOf(database) };
}

/** Returns the output of the pods once one has reported the problem, or after its time has passed: for NATS a program tries for a minute. */
async function whatIsSaid(namespace: string, says: RegExp): Promise<Pick<Outcome, 'logs' | 'messages'>> {
  const deadline = performance.now() + 120_000;
  for (;;) {
    const all = await listed<Pod>(namespace, 'pods');
    const pods = all.filter(({ metadata }) => metadata.labels?.['app'] !== 'versitygw');
    const messages = pods.flatMap((pod) => terminationMessages(pod));
    if (messages.some((message) => says.test(message)) || performance.now() > deadline) {
      const logs = await Promise.all(pods.map(({ metadata: { name } }) => logsOf(namespace, name)));
      return { messages, logs: logs.join('\n') };
    }
    await sleep(2000);
  }
}

async function logsOf(namespace: string, pod: string): Promise<string> {
  const words = ['logs', pod, `--namespace=${namespace}`, '--all-containers', '--ignore-errors'];
  return `${await kubectl(words)}\n${await kubectl([...words, '--previous'])}`;
}

/** Returns the termination messages that the kubelet keeps, of all containers. */
function terminationMessages({ status }: Pod): string[] {
  const statuses = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])];
  return statuses.flatMap(({ state, lastState }) =>
    [state.terminated?.message, lastState.terminated?.message].filter((message) => message !== undefined),
  );
}

beforeAll(async () => {
  await ensureBacking();
  // They wait for time-outs rather than for each other.
  await Promise.all(
    cases.map((one) =>
      tryOut(one).then(
        (outcome) => outcomes.set(one.topic, outcome),
        (error: unknown) => problems.set(one.topic, error),
      ),
    ),
  );
}, 400_000);

function outcomeOf(topic: string): Outcome {
  const outcome = outcomes.get(topic);
  if (outcome === undefined) throw new Error(`${topic} was not tried`, { cause: problems.get(topic) });
  return outcome;
}

describe.each(cases)('$title', ({ topic, says }) => {
  it('is told in one line of the log', () => {
    const { logs } = outcomeOf(topic);
    expect(logs.split('\n').filter((line) => says.test(line)).length, logs).toBeGreaterThan(0);
  });

  it('is told by the termination message', () => {
    const { messages } = outcomeOf(topic);
    const lines = messages.flatMap((message) => message.split('\n'));
    expect(lines.filter((line) => says.test(line)).length, messages.join('\n')).toBeGreaterThan(0);
  });

  it('ends helm install --wait in failure, and within its time', () => {
    const { code, seconds } = outcomeOf(topic);
    expect(code).not.toBe(0);
    // Helm allows the time for the hooks, and again for the resources after them.
    expect(seconds).toBeLessThan(2 * timeoutSeconds + 30);
  });

  it('leaves no half of a migration', () => {
    const { before, after } = outcomeOf(topic);
    // Complete if only the bus was missing, otherwise not begun.
    const whole = outcomeOf('nats').after;
    expect(whole).toContain('kysely_migration');
    expect(after).toBeOneOf([before, whole]);
  });
});
