import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runToEnd } from '../results/run-to-end.ts';
import { chart, merge, outside, renderAlone, template, type Values } from './render-chart.ts';
import { scenarioOptions } from './scenarios.ts';

const folder = mkdtempSync(join(tmpdir(), 'longshore-chart-'));
afterAll(() => rmSync(folder, { recursive: true }));

const readme = readFileSync(join(chart, 'README.md'), 'utf8');

/** A copy of the chart whose notes are an object: only `helm template` knows --kube-version, and it leaves the notes out. */
const withNotes = join(folder, 'longshore');
cpSync(chart, withNotes, { recursive: true });
writeFileSync(
  join(withNotes, 'templates/notes.yaml'),
  `{{- define "notes" }}${readFileSync(join(chart, 'templates/NOTES.txt'), 'utf8')}{{ end }}
kind: ConfigMap
metadata: { name: notes }
data: { text: {{ include "notes" . | b64enc }} }
`,
);

/** Returns the text that Helm prints after an installation. */
async function notes(values: Values, options: readonly string[] = []): Promise<string> {
  const rendered = await template(values, [...options, '--show-only', 'templates/notes.yaml'], withNotes);
  if ('refusal' in rendered) throw new Error(rendered.refusal);
  return Buffer.from(parse(rendered.manifest).data.text, 'base64').toString();
}

describe('README.md', () => {
  const examples = [...readme.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = '']) => text);

  it('has an example of values, which the chart accepts with a seal and a secret of the services', async () => {
    expect(examples).toHaveLength(1);
    const values: Values = parse(examples[0] ?? '');
    // In a cluster the chart generates it.
    expect(await template(values)).toMatchObject({ refusal: expect.stringContaining('longshore-seal') });
    const sealed = merge(values, { auth: { seal: { existingSecret: 'seal' } } });
    expect(await template(sealed)).toMatchObject({ refusal: expect.stringContaining('longshore-services') });
    const whole = merge(sealed, { servicesSecret: { existingSecret: 'services' } });
    expect((await renderAlone(whole)).length).toBeGreaterThan(20);
  });

  it('makes each Secret that the example names', () => {
    const made = [...readme.matchAll(/kubectl create secret generic (\S+)/g)].map(([, name = '']) => name);
    const named = [...(examples[0] ?? '').matchAll(/existingSecret: ([\w-]+)/g)].map(([, name = '']) => name);
    expect(made.toSorted()).toEqual(named.toSorted());
  });

  it('describes each service and each group of values', () => {
    const values: Values = parse(readFileSync(join(chart, 'values.yaml'), 'utf8'));
    for (const key of Object.keys(values)) expect(readme).toMatch(new RegExp(`(### |\`)${key}\\b`));
  });
});

describe('the notes', () => {
  it('explain the way from an installation to a push, through an Ingress or a route', async () => {
    const text = await notes({}, scenarioOptions('s3'));
    expect(text).toContain('kubectl --namespace registry rollout status deployment');
    expect(text).toContain('helm test longshore --namespace registry');
    expect(text).toContain('REGISTRY=registry.example\n');
    expect(text).toMatch(
      /docker login \$REGISTRY\n.*docker tag my-image \$REGISTRY\/team\/app:1\n.*docker push \$REGISTRY\/team\/app:1/s,
    );
    expect(text).not.toContain('Everybody who reaches it may do everything');
  });

  it('say how the first administrator is made where accounts are in the database, and where people log in', async () => {
    expect(await notes(outside)).not.toContain('longshore admin bootstrap');
    const oidc = { providers: [{ name: 'a', issuer: 'https://a', clientid: 'b' }] };
    const text = await notes(
      merge(outside, {
        externalUrl: 'https://registry.example',
        auth: { seal: { existingSecret: 'seal' } },
        configuration: { auth: { token: {}, database: {}, oidc } },
      }),
    );
    expect(text).toContain('exec deployment/longshore-cli -- longshore admin bootstrap admin');
    expect(text).toContain('https://registry.example/auth/login');
    expect(text).toMatch(/^4\. Make the first administrator.*^5\. Push to it/ms);
  });

  it('explain how to reach a NodePort, a load balancer and a Service', async () => {
    expect(await notes({}, scenarioOptions('try'))).toContain(
      'get service longshore-api-gateway --output jsonpath=',
    );
    expect(await notes({}, scenarioOptions('oss'))).toContain('.status.loadBalancer.ingress[0].ip');
    expect(await notes(outside)).toContain('port-forward service/longshore-api-gateway 5000:5000');
  });

  it('warn of a bus without passwords', async () => {
    expect(await notes(outside)).toContain('Your NATS is told no password');
    expect(await notes({}, scenarioOptions('s3'))).not.toContain('Your NATS is told no password');
  });

  it('warn of an open registry, of tokens without an address, of a database that is for a try', async () => {
    expect(await notes({}, scenarioOptions('try'))).toMatch(
      /Everybody who reaches it may do everything.*one replica, no backup/s,
    );
    const routed = { httpRoute: { enabled: true, parentRefs: [{ name: 'public' }] } };
    const accounts = { auth: { htpasswd: { existingSecret: 'accounts' } } };
    expect(await notes(merge(outside, { ...routed, ...accounts }))).toContain('Set externalUrl');
    expect(await notes(merge(outside, { migrations: { mode: 'none' } }))).toContain('longshore migrate');
  });
});

describe('helm package', () => {
  it('contains the chart without files that only developers need', async () => {
    const { code, output } = await runToEnd('helm', ['package', chart, '--destination', folder], {
      output: 'collect',
    });
    expect({ code, output }).toMatchObject({ code: 0 });
    const { output: listing } = await runToEnd(
      'tar',
      ['--list', '--file', join(folder, 'longshore-0.1.0.tgz')],
      { output: 'collect' },
    );
    const files = listing
      .trim()
      .split('\n')
      .map((path) => path.replace('longshore/', ''));
    expect(files).toEqual(
      expect.arrayContaining([
        'Chart.yaml',
        'values.yaml',
        'values.schema.json',
        'README.md',
        'files/nats.conf',
      ]),
    );
    expect(files.filter((path) => /^ci\/|README\.in\.md|\.ts$/.test(path))).toEqual([]);
  });
});
