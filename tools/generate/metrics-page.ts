import { series } from '@longshore/telemetry';
import { code, page, table } from './markdown.ts';

export function metricsPage(): string {
  const declared = Object.values(series).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return page('Metrics', '`libs/telemetry/src/series`', [
    "Each process exports these series, and those of its Node (`nodejs_`, `process_`), in Prometheus' text format at `http.debug.prometheus.path` of `http.debug.addr`. Every series has the label `service`. `registry_http_*`, `registry_storage_action_seconds` and `registry_notifications_{events,pending,status}_total` are distribution's, with its labels, so its dashboards keep working. The standalone registry has the series of all services. The values of labels are closed sets: no client can make the number of series grow.",
    table(
      ['series', 'type', 'what it is', 'labels', 'exported by'],
      declared.map(({ name, kind, help, labels, exportedBy }) => [
        code(name),
        kind,
        help,
        Object.entries(labels)
          .map(([label, values]) => `${code(label)}: ${values}`)
          .join('<br>'),
        exportedBy.filter((service) => service !== 'standalone').join(', '),
      ]),
    ),
    'A histogram has `_bucket`, `_sum` and `_count`; the count of a duration is the number of what was done. Read the gauges that every replica reports alike (`longshore_outbox_*`, `registry_notifications_pending_total`, `longshore_notifications_dead`) with `max`, not with `sum`.',
  ]);
}
