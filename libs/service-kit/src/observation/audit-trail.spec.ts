import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { type AuditEntry, userNamed } from '@longshore/authorization';
import { matchRoute } from '@longshore/oci';
import { createLogger, Metrics } from '@longshore/telemetry';
import { eventually } from '@longshore/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditTrail } from './audit-trail.ts';

let lines: Record<string, unknown>[] = [];
let written: AuditEntry[] = [];
let isAway = false;
let trail: AuditTrail;
let metrics: Metrics;

beforeEach(() => {
  [lines, written, isAway] = [[], [], false];
  metrics = new Metrics({ service: 'test' });
  trail = new AuditTrail({
    service: 'api-gateway',
    write: async (entries) => {
      if (isAway) throw new Error('the bus is away');
      written.push(...entries);
    },
    log: createLogger({}, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    metrics,
  });
});
afterEach(() => trail.close());

function observe({ repository = 'team/app', address = '192.0.2.1', status = 201 } = {}): void {
  const request = new IncomingMessage(new Socket());
  const path = `/v2/${repository}/manifests/latest`;
  Object.assign(request, { method: 'PUT', url: path });
  const match = matchRoute('PUT', path);
  const client = {
    requestId: 'request-1',
    address,
    host: 'registry.example',
    scheme: 'https',
    userAgent: 'docker/29\u001b[31m\r\nforged',
    baseUrl: 'https://registry.example',
    locationBase: '',
  } as const;
  const identity = userNamed('ann');
  trail.observe({ request, client, match, identity, handler: match.id, headers: {}, seconds: 0.1, status });
}

const audited = () => lines.filter((line) => 'audit' in line);

describe('AuditTrail', () => {
  it('writes entries in batches, behind the answers', async () => {
    for (let count = 0; count < 3; count++) observe();
    expect(written).toEqual([]);
    await eventually(() => expect(written).toHaveLength(3));
    expect(audited()).toEqual([]);
    expect(await metrics.registry.metrics()).toMatch(
      /^longshore_audit_entries_total\{(?=.*to="database").*\} 3$/m,
    );
  });

  it('logs each entry once while it cannot be written, and writes it afterwards', async () => {
    isAway = true;
    for (let count = 0; count < 3; count++) observe({ repository: `team/app${count}` });
    await eventually(() => expect(audited()).toHaveLength(3));
    expect(audited()[0]).toMatchObject({ audit: { action: 'manifest-put', repository: 'team/app0' } });
    isAway = false;
    await eventually(() => expect(written).toHaveLength(3));
    expect(audited()).toHaveLength(3);
  });

  it('holds a bounded number of entries, and logs the rest at once', () => {
    isAway = true;
    for (let count = 0; count < 10_005; count++) observe();
    expect(audited()).toHaveLength(5);
    isAway = false;
  });

  it('writes or logs what waits when it is closed', async () => {
    observe();
    await trail.close();
    expect(written).toHaveLength(1);
    isAway = true;
    observe();
    await trail.close();
    expect(audited()).toHaveLength(1);
  });

  it('counts the denials of one network together beyond twenty a second', async () => {
    for (let count = 0; count < 500; count++)
      observe({ status: 403, repository: `team/app${count}`, address: `2001:db8::${count % 10}` });
    observe({ status: 403, address: '192.0.2.9' });
    await eventually(() => {
      expect(written.reduce((sum, { times }) => sum + times, 0)).toBe(501);
    });
    expect(written.length).toBeLessThanOrEqual(22 + 20);
    const folded = written.find(({ times }) => times > 1);
    expect(folded).toMatchObject({ outcome: 'denied', status: 403, actor: '' });
    expect(folded).not.toHaveProperty('repository');
  });

  it('holds no control characters', async () => {
    observe();
    await eventually(() => expect(written[0]?.userAgent).toBe('docker/29?[31m??forged'));
  });
});
