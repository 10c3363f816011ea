import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './process.mjs';

const id = createHash('sha256').update(root).digest('hex').slice(0, 24);
/**
 * On Linux an abstract socket name. Elsewhere a file, which outlives its owner. The name fills the address: Node 20 pads a shorter one with zeros, later
 * versions do not, and the two would be different names.
 */
const isAbstract = process.platform === 'linux';
const path = isAbstract
  ? `\0longshore-install-${id}`.padEnd(108, '\0')
  : join(tmpdir(), `longshore-install-${id}.sock`);

/** Lets one process at a time install and build a clone; others wait. The lock is a listening socket, which ends with its owner. */
export async function holdingLock(work) {
  const lock = await take();
  try {
    return await work();
  } finally {
    lock.close();
  }
}

async function take() {
  for (let told = false; ; told = true) {
    const connections = new Set();
    const server = createServer((socket) => {
      connections.add(socket);
      socket.on('error', () => connections.delete(socket));
      socket.write(String(process.pid));
    });
    try {
      server.listen(path);
      await once(server, 'listening');
      server.unref();
      const close = () => {
        server.close();
        for (const socket of connections) socket.destroy();
      };
      return { close };
    } catch (error) {
      if (error.code !== 'EADDRINUSE') throw error;
    }
    await untilReleased(told);
  }
}

async function untilReleased(told) {
  const socket = connect(path);
  socket.once('data', (pid) => {
    if (!told) console.log(`longshore: waiting for process ${pid.toString()}, which installs or builds here`);
  });
  try {
    await once(socket, 'close');
  } catch (error) {
    // A dead owner has left the file, and nobody listens there.
    if (error.code === 'ECONNREFUSED' && !isAbstract) await rm(path, { force: true });
  }
}
