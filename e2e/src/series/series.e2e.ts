import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { series } from '@longshore/telemetry';
import { eventually, tinyImage, uniqueRepository } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { client, serviceProcesses, target } from '../support/target.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

/** What the behaviour suite cannot bring about, and who holds it instead. */
const quiet: Readonly<Record<string, string>> = {
  registry_http_transfers_refused_total:
    'the limits are beyond what the suite does; libs/service-kit, root-module.spec',
  longshore_rate_limited_total: 'no limit is configured; libs/service-kit, rate-limits.spec',
  longshore_rate_limit_clients: 'as above',
  registry_log_lines_dropped_total: 'the log is read; libs/telemetry, metrics.spec and steady-output.spec',
  registry_blobs_suspected_total: 'no object is damaged; apps/blob-service, damaged-blobs.integration.spec',
  registry_suspect_blobs_reread_total: 'as above; apps/garbage-collector, second-look.integration.spec',
  registry_notifications_dropped_total: 'nothing is too old; apps/notifier, notifications.integration.spec',
  longshore_gc_reviews_total:
    'nothing is due within the grace; apps/garbage-collector, collector.service.integration.spec',
  longshore_gc_objects_deleted_total: 'as above',
  longshore_gc_uploads_expired_total: 'as above',
  longshore_logins_total: 'the registry has no accounts; apps/auth-service, accounts.service.spec',
  longshore_access_age_seconds: 'as above; apps/auth-service, access.integration.spec',
  'blob-service longshore_bus_request_duration_seconds': 'it asks for accounts only',
  'blob-service longshore_audit_entries_total':
    'the gateway has the entries of what it forwards; libs/service-kit, audit-trail.spec',
};

const isQuiet = (service: string, name: string): boolean => name in quiet || `${service} ${name}` in quiet;

const receiver = new WebhookReceiver();
beforeAll(async () => {
  await receiver.listen();
  const repository = uniqueRepository('series');
  const image = tinyImage({ content: repository });
  await client.pushImage(repository, image, 'latest');
  await receiver.event(repository, 'push', image.digest);
  await client.get('/auth/token');
});
afterAll(() => receiver.close());

interface Exposition {
  /** Of the series that are registered here, beside those of Node. */
  readonly names: ReadonlySet<string>;
  readonly samples: readonly { readonly name: string; readonly value: number }[];
}

async function scrape(debug: string): Promise<Exposition> {
  const text = await (await fetch(`http://${debug}/metrics`)).text();
  const names = text.match(/(?<=^# TYPE )(?:registry|longshore)_\w+/gm) ?? [];
  const samples = [...text.matchAll(/^((?:registry|longshore)_\w+)(?:\{.*\})? (\S+)$/gm)];
  return {
    names: new Set(names),
    samples: samples.map(([, name = '', value]) => ({ name, value: Number(value) })),
  };
}

/** The services of this form, each with its replicas: requests are spread over them. */
async function services(): Promise<ReadonlyMap<string, readonly string[]>> {
  if (target.form !== 'cluster') {
    const port = await readFile(join(target.home, 'debug-port'), 'utf8');
    return new Map([['standalone', [`127.0.0.1:${port}`]]]);
  }
  const replicas = Map.groupBy(await serviceProcesses(), ({ name }) => name.replace('longshore-', ''));
  return new Map([...replicas].map(([service, found]) => [service, found.map(({ debug }) => debug)]));
}

const declared = Object.values(series);

/** A gauge has been measured when it has a value; the others when something was counted. */
function isMeasured(name: string, expositions: readonly Exposition[]): boolean {
  const { kind } = declared.find((each) => each.name === name) ?? { kind: 'gauge' };
  const counted = kind === 'histogram' ? `${name}_count` : name;
  return expositions.some(({ samples }) =>
    samples.some((sample) => sample.name === counted && (kind === 'gauge' || sample.value > 0)),
  );
}

describe(`after the behaviour suite, ${target.form}`, () => {
  it('each process has the series that are declared for its service, and no others', async () => {
    for (const [service, replicas] of await services()) {
      const wanted = declared
        .filter(({ exportedBy }) => exportedBy.includes(service))
        .map(({ name }) => name);
      for (const replica of replicas)
        expect([...(await scrape(replica)).names].toSorted(), service).toEqual(wanted.toSorted());
    }
  });

  it('each series of each service has been measured', { timeout: 150_000 }, async () => {
    // Some are measured at a pace of their own.
    await eventually(async () => {
      const silent: string[] = [];
      for (const [service, replicas] of await services()) {
        const expositions = await Promise.all(replicas.map(scrape));
        for (const name of expositions[0]?.names ?? [])
          if (!isQuiet(service, name) && !isMeasured(name, expositions)) silent.push(`${service} ${name}`);
      }
      expect(silent).toEqual([]);
    }, 90_000);
  });

  it('no series is excused that is not there', () => {
    const names = declared.map(({ name }) => name);
    for (const excused of Object.keys(quiet)) expect(names).toContain(excused.split(' ').at(-1));
  });
});
