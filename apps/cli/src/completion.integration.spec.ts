import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const command = resolve(import.meta.dirname, '../bin/longshore.mjs');
const folder = mkdtempSync(join(tmpdir(), 'longshore-completion-'));
const path = `${folder}:${process.env['PATH']}`;
beforeAll(() => {
  const wrapper = join(folder, 'longshore');
  writeFileSync(wrapper, `#!/bin/sh\nexec '${process.execPath}' '${command}' "$@"\n`);
  chmodSync(wrapper, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a script in a shell without start files, and returns its output. */
function bash(script: string): string {
  const options = { cwd: folder, env: { PATH: path, HOME: folder }, encoding: 'utf8' } as const;
  return execFileSync('bash', ['--norc', '--noprofile', '-c', script], options).trim();
}

/** Returns bash's completions of a line, from the function that the script registers. */
function offered(line: readonly string[]): readonly string[] {
  const words = line.map((word) => `'${word}'`).join(' ');
  return bash(`
    # Of the package bash-completion, and of a line that is being typed.
    _get_comp_words_by_ref() { cur=\${COMP_WORDS[COMP_CWORD]}; words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; }
    compopt() { :; }
    source <(longshore completion bash)
    COMP_WORDS=(longshore ${words}); COMP_CWORD=${line.length}; COMP_LINE="longshore ${line.join(' ')}"; COMP_POINT=\${#COMP_LINE}
    registered=$(complete -p longshore); registered=\${registered##*-F }; registered=\${registered%% *}; $registered
    printf '%s\\n' "\${COMPREPLY[@]}"
  `).split('\n');
}

it('completes commands and words of options in bash', () => {
  expect(offered(['configuration', ''])).toEqual(expect.arrayContaining(['check', 'describe', 'print']));
  expect(offered(['configuration', 'check', '--service', 'auth'])).toEqual(['auth-service']);
});

it('runs as the command of the clone', () => {
  expect(bash('longshore --version')).toMatch(/^\d+\.\d+\.\d+/);
  expect(bash('longshore configuration print --standalone --json')).toContain('"key": "gc.grace"');
});
