#!/usr/bin/env node
// The command of the clone. Plain JavaScript, since the program that it starts may not be built yet.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  console.error('longshore: nothing is built here yet: npm run build');
  process.exit(1);
}
await import(main.href);
