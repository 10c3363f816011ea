import 'reflect-metadata';
import { runStandalone } from './run-standalone.ts';

await runStandalone();
