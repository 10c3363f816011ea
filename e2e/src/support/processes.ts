import { readdir, readFile } from 'node:fs/promises';

/** Sends kill -9. A process that has just ended by itself counts as killed. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

export interface ProcessMemory {
  readonly pid: number;
  readonly name: string;
  readonly residentMiB: number;
}

/** Lists every process below one, with its name in `ps` and its memory. */
export async function processesBelow(pid: number): Promise<ProcessMemory[]> {
  const all = await Promise.all(
    (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map((entry) => describe(Number(entry))),
  );
  const known = all.filter((process) => process !== undefined);
  const below = new Set([pid]);
  // Parents and children come in no particular order, so repeat until nothing is added.
  for (let size = 0; size !== below.size;) {
    size = below.size;
    for (const process of known) if (below.has(process.parent)) below.add(process.pid);
  }
  return known.filter((process) => below.has(process.pid));
}

async function describe(pid: number): Promise<(ProcessMemory & { parent: number }) | undefined> {
  try {
    const [status, commandLine] = await Promise.all([
      readFile(`/proc/${pid}/status`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ]);
    const field = (name: string): number =>
      Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    return {
      pid,
      parent: field('PPid'),
      name: commandLine.replaceAll('\0', ' ').trim(),
      residentMiB: field('VmRSS') / 1024,
    };
  } catch {
    // It has ended since it was listed.
    return undefined;
  }
}

/** Returns the largest growth of these processes while `work` runs, in MiB over their memory before. */
export async function growthDuring(
  pid: number,
  work: () => Promise<unknown>,
): Promise<{ name: string; growthMiB: number }> {
  const before = new Map((await processesBelow(pid)).map((process) => [process.pid, process.residentMiB]));
  if (before.size === 0) throw new Error(`there is no process ${pid} to watch`);
  let worst = { name: '', growthMiB: 0 };
  const sample = async (): Promise<void> => {
    for (const { pid: one, name, residentMiB } of await processesBelow(pid)) {
      const growthMiB = residentMiB - (before.get(one) ?? residentMiB);
      if (growthMiB > worst.growthMiB) worst = { name: `${name} (${one})`, growthMiB };
    }
  };
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(sample);
  }, 200);
  try {
    await work();
  } finally {
    clearInterval(timer);
    await running;
  }
  await sample();
  return worst;
}
