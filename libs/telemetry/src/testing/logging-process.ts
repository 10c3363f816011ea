/* Logs the given number of lines, then reports to its parent repeatedly that it runs, until it is told to end. */
import { createLogger } from '../logger.ts';
import { standardOutput } from '../steady-output.ts';

const lines = Number(process.argv[2]);
const log = createLogger();
const padding = 'x'.repeat(900);

process.on('message', () => {
  log.info({ number: 'last' }, 'end');
  process.exit(0);
});
for (let number = 0; number < lines; number++) log.info({ number, padding }, 'line');
process.send?.({ logged: lines, dropped: standardOutput.dropped });
setInterval(() => process.send?.({ alive: true }), 300);
