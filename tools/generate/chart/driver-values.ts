import { catalogue } from '@longshore/stores/catalogue';
import { drivers } from './configuration-values.ts';

/** Returns values.yaml with its text about the drivers of the catalogue. @throws Error if it has lost the place for that text */
export function withDrivers(values: string): string {
  const places: readonly (readonly [place: RegExp, text: string])[] = [
    [/^ {2}# .*\n(?= {2}driver: )/m, `  # ${drivers.join(', ')}, or custom: a driver of your own.\n`],
    [/^ {2}# Which parameters it holds\..*\n(?= {2}existingSecretKeys: )/m, secretKeys()],
    [
      /(?<=^ {2}existingSecretKeys: .*\n)(?: {2}# Parameters of the .* driver\.\n {2}\w+: .*\n)*/m,
      drivers
        .map((name) => `  # Parameters of the ${catalogue[name].title} driver.\n  ${name}: {}\n`)
        .join(''),
    ],
  ];
  let text = values;
  for (const [place, said] of places) {
    if (!place.test(text)) throw new Error(`values.yaml has no place for the drivers: ${String(place)}`);
    text = text.replace(place, () => said);
  }
  return text;
}

function secretKeys(): string {
  const usual = drivers
    .map((name) => ({ name, secrets: catalogue[name].secrets }))
    .filter(({ secrets }) => secrets.length > 0)
    .map(({ name, secrets }) => `${secrets.join(' and ')} (${name})`);
  return `  # Which parameters it holds. Unless told: ${usual.join(', ')}.\n`;
}

/** Returns the catalogue, for the chart's templates. */
export function driversTemplate(): string {
  const usual = drivers
    .filter((name) => catalogue[name].secrets.length > 0)
    .map((name) => `${name}: ${JSON.stringify(catalogue[name].secrets)}`);
  return [
    '{{- /* Written by `npm run generate` from libs/stores; do not edit. */ -}}',
    '{{- define "longshore.drivers" -}}',
    JSON.stringify([...drivers, 'custom']),
    '{{- end -}}',
    '',
    "{{- /* Parameters that a Secret with a driver's credentials holds, unless it is told which. */ -}}",
    '{{- define "longshore.usualStoreSecrets" -}}',
    ...usual,
    '{{- end -}}',
    '',
  ].join('\n');
}
