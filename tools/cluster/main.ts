import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrate } from '@longshore/metadata';
import { type HomeLock, lockHome } from '../../apps/standalone/src/home/home-lock.ts';
import { keepDebuggerShut, outliveReaders } from '../../libs/service-kit/src/bootstrap/shutdown.ts';
import { expectFree } from './ports.ts';
import { startNats } from './nats.ts';
import { type ClusterOptions, parseOptions } from './options.ts';
import { startPostgres } from './postgres.ts';
import { untilReady, untilServing } from './readiness.ts';
import { type Backends, planReplicas, type Replica } from './services.ts';
import { busVariables, lastingSecrets } from '../secrets/lasting-secrets.ts';
import { secretNames } from '../secrets/names.ts';
import { makeHome, writeProcesses } from './state.ts';
import { Supervised } from './supervised.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const readyMs = 120_000;
/** EX_CONFIG of sysexits.h: a service's exit code for an invalid configuration. */
const configurationExitCode = 78;
/** Called in reverse order. */
const stops: (() => Promise<void>)[] = [];
let stopping: Promise<void> | undefined;

function say(message: string): void {
  console.log(`longshore: ${message}`);
}

function stopEverything(exitCode: number): Promise<void> {
  stopping ??= (async () => {
    say('stopping');
    for (const stop of stops.toReversed()) {
      await stop().catch((error: unknown) => {
        console.error(error);
        process.exitCode = 1;
      });
    }
    process.exit(process.exitCode ?? exitCode);
  })();
  return stopping;
}

async function startBackends(
  options: ClusterOptions,
  secrets: ReadonlyMap<string, string>,
): Promise<Pick<Backends, 'postgresUrl' | 'natsUrl'>> {
  const postgres = options.postgresUrl === undefined ? await startPostgres(options.home, say) : undefined;
  if (postgres !== undefined) {
    stops.push(() => postgres.stop());
    void postgres.lost.then((reason) => fail(reason));
  }
  const passwords = busVariables(secrets);
  const nats = options.hasBus ? undefined : await startNats({ home: options.home, passwords, progress: say });
  if (nats !== undefined) stops.push(() => nats.stop());
  say('migrating the database');
  await migrate(options.postgresUrl ?? postgres?.url ?? '');
  return { postgresUrl: postgres?.url, natsUrl: nats?.url };
}

/** If one replica refuses the configuration, all do, and no restart helps. The replica has printed the reason. */
function refuseConfiguration(code: number | null): void {
  if (code !== configurationExitCode || stopping !== undefined) return;
  console.error('longshore: the configuration is refused');
  void stopEverything(1);
}

function startReplicas(home: string, replicas: readonly Replica[]): void {
  const running: { replica: Replica; supervised: Supervised }[] = [];
  const watcher = { started: () => writeProcesses(home, running), ended: refuseConfiguration };
  for (const replica of replicas)
    running.push({ replica, supervised: new Supervised(replica.command, watcher) });
  stops.push(async () => {
    await Promise.all(running.map(({ supervised }) => supervised.stop()));
  });
  for (const { supervised } of running) supervised.start();
}

function startBalancer(address: string, replicas: readonly Replica[]): void {
  const gateways = replicas.flatMap(({ name, http }) =>
    name === 'longshore-api-gateway' && http !== undefined ? [http] : [],
  );
  const balancer = new Supervised({
    name: 'longshore-balancer',
    label: 'balancer',
    program: process.execPath,
    options: [join(root, 'tools/balancer/main.ts'), address, ...gateways],
  });
  stops.push(() => balancer.stop());
  balancer.start();
}

function fail(reason: unknown): Promise<void> {
  console.error(`longshore: ${reason instanceof Error ? reason.message : String(reason)}`);
  return stopEverything(1);
}

async function takeHome(home: string): Promise<HomeLock> {
  makeHome(home);
  const lock = await lockHome(home);
  stops.push(async () => lock.release());
  return lock;
}

keepDebuggerShut();
outliveReaders();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => void stopEverything(0));
// The launcher that started us has ended, so nobody else would stop us.
process.on('disconnect', () => void stopEverything(0));
try {
  const options = parseOptions(process.argv.slice(2), process.env);
  const lock = await takeHome(options.home);
  await expectFree(options.address);
  const { values: secrets } = lastingSecrets(join(options.home, 'secrets'), secretNames.cluster);
  const replicas = await planReplicas(root, options, { ...(await startBackends(options, secrets)), secrets });
  say(`starting ${options.replicas} of each of the six services`);
  startReplicas(options.home, replicas);
  await untilReady(replicas, readyMs);
  startBalancer(options.address, replicas);
  await untilServing(options.address, readyMs);
  await lock.tell(options.address);
  say(`configuration: ${options.configuration ?? 'defaults (no --config FILE)'}`);
  say(`home: ${options.home}`);
  const reached = options.address.replace(/^(?:127\.0\.0\.1|0\.0\.0\.0|\[::\])?:(?=\d+$)/, 'localhost:');
  say(`ready: docker push ${reached}/team/app:1`);
} catch (error) {
  await fail(error);
}
