#!/usr/bin/env node
import { text } from 'node:stream/consumers';
import { answerHelper } from './login/credential-helper.ts';
import { sessionsFile } from './login/stored-sessions.ts';

const [, , word] = process.argv;
try {
  const input = word === 'list' ? '' : await text(process.stdin);
  const { status, output } = await answerHelper(word, input, { file: sessionsFile(process.env) });
  process.stdout.write(output);
  process.exitCode = status;
} catch (error) {
  process.stdout.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
