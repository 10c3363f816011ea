import { describe, expect, it } from 'vitest';
import { HttpSeries } from './http-series.ts';
import { Metrics } from './metrics.ts';
import { series } from './series/all.ts';
import { standardOutput } from './steady-output.ts';

const metrics = () => new Metrics({ service: 'api-gateway' });
const storage = { driver: 's3', actions: ['stat'], outcomes: ['ok', 'absent'] };

describe('Metrics', () => {
  it("counts requests under distribution's names", async () => {
    const subject = metrics();
    const http = new HttpSeries(subject);
    http.started('manifest');
    http.served({
      handler: 'manifest',
      method: 'GET',
      code: 200,
      seconds: 0.002,
      responseBytes: 500,
    });
    const text = await subject.registry.metrics();
    expect(text).toContain(
      'registry_http_requests_total{handler="manifest",method="get",code="200",service="api-gateway"} 1',
    );
    expect(text).toContain('registry_http_in_flight_requests{handler="manifest",service="api-gateway"} 0');
    expect(text).toMatch(/registry_http_request_duration_seconds_count\{.*handler="manifest".*\} 1/);
    expect(text).toMatch(/registry_http_response_size_bytes_sum\{.*\} 500/);
  });

  it('times storage actions and counts how they ended', async () => {
    const subject = metrics();
    const observe = subject.storageObserver(storage);
    observe('stat')(0.5, 'ok');
    observe('stat')(0.25, 'absent');
    const text = await subject.registry.metrics();
    expect(text).toMatch(/registry_storage_action_seconds_sum\{.*driver="s3",action="stat".*\} 0.75/);
    expect(text).toMatch(/registry_storage_actions_total\{driver="s3",action="stat",outcome="absent".*\} 1/);
  });

  it('shows the delay of the event loop', async () => {
    expect(await metrics().registry.metrics()).toContain('nodejs_eventloop_lag_p99_seconds');
  });

  it('has as many series after 50,000 hostile names as after one', async () => {
    const subject = metrics();
    const http = new HttpSeries(subject);
    const observe = subject.storageObserver(storage);
    const feed = (n: number) => {
      http.started('manifest');
      http.served({ handler: 'manifest', method: `M${n}`, code: 1000 + n, seconds: 0 });
      observe(`a${n}`)(0, `o${n}`);
    };
    const lines = async () =>
      (await subject.registry.metrics()).split('\n').filter((line) => line.startsWith('registry_')).length;
    feed(0);
    const before = await lines();
    for (let n = 1; n <= 50_000; n += 1) feed(n);
    expect(await lines()).toBe(before);
  });

  it('shows no value of what nobody has measured', async () => {
    const subject = metrics();
    subject.gauge(series.outboxEvents);
    subject.gauge(series.notificationsDead);
    expect(await subject.registry.metrics()).not.toMatch(/^longshore_outbox_events/m);
    subject.gauge(series.outboxEvents).set(0);
    expect(await subject.registry.metrics()).toContain('longshore_outbox_events{service="api-gateway"} 0');
  });

  it('shows at each scrape how many lines of the log were dropped', async () => {
    const { registry } = metrics();
    const shown = async () =>
      (await registry.metrics()).match(/^registry_log_lines_dropped_total\S* (\d+)$/m)?.[1];
    expect(await shown()).toBe('0');
    standardOutput.dropped += 3;
    expect(await shown()).toBe('3');
  });

  it('exports what its parts ask for, and nothing else', async () => {
    const subject = metrics();
    subject.counter(series.mounts).inc({ outcome: 'mounted' });
    const names = (await subject.registry.metrics()).match(/(?<=^# TYPE )(?:registry|longshore)_\w+/gm);
    expect(names?.toSorted()).toEqual(['longshore_mounts_total', 'registry_log_lines_dropped_total']);
  });
});
