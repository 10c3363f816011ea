import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverConfiguration } from '@longshore/messaging';
import { driversTemplate, withDrivers } from './driver-values.ts';
import { readValueComments } from './values-comments.ts';
import { valueTables } from './values-page.ts';
import { valuesSchema } from './values-schema.ts';

const folder = 'charts/longshore';
const place = '<!-- values -->';

/** Writes the pages that come from the chart's values.yaml, the catalogue of drivers, the configuration's schema and the contracts on the bus. */
export function chartPages(root: string): readonly (readonly [path: string, text: string])[] {
  const read = (name: string): string => readFileSync(join(root, folder, name), 'utf8');
  const values = withDrivers(read('values.yaml'));
  const comments = readValueComments(values);
  const text = read('README.in.md');
  if (!text.includes(place)) throw new Error(`${folder}/README.in.md has no place for the values: ${place}`);
  return [
    [`${folder}/values.yaml`, values],
    [`${folder}/templates/_drivers.tpl`, driversTemplate()],
    [`${folder}/README.md`, text.replace(place, () => valueTables(comments))],
    [`${folder}/values.schema.json`, valuesSchema(comments)],
    [`${folder}/files/nats.conf`, serverConfiguration()],
  ];
}
