// guard.mjs PROGRAM PARAMETER…: runs a program in its own process group, and ends the whole group when the process that started us ends or asks for
// it. npm starts further processes, and none of them would notice.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const graceMs = 5000;
const [program, ...options] = process.argv.slice(2);
let ending = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
process.on('disconnect', end);
const child = spawn(program, options, { stdio: ['ignore', 'inherit', 'inherit'] });
child.once('error', (error) => {
  console.error(`longshore: ${program} cannot be started: ${error.message}`);
  process.exit(127);
});
child.once('exit', (code, signal) => {
  if (ending) process.kill(-process.pid, 'SIGKILL');
  else process.exit(code ?? 128 + constants.signals[signal]);
});

function end() {
  if (ending) return;
  ending = true;
  process.kill(-process.pid, 'SIGTERM');
  setTimeout(() => process.kill(-process.pid, 'SIGKILL'), graceMs);
}
