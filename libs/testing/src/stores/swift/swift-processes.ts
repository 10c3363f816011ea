import { connect } from 'node:net';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { requireProgram } from '../../programs.ts';
import { freePort } from '../../http/free-port.ts';
import { answers } from '../process/answers.ts';
import { interpreterOf, runProgram, scriptPath } from '../process/python.ts';
import { ServerProcess } from '../process/server-process.ts';
import {
  backendConfiguration,
  backends,
  proxyConfiguration,
  type SwiftAuth,
  swiftConfiguration,
  type SwiftPorts,
} from './swift-configuration.ts';

const install =
  'apt-get install --no-install-recommends swift-proxy swift-account swift-container swift-object memcached';

/** Prepares a Swift of one folder and one replica: memcached, the three backend servers, and last the proxy, which clients connect to. */
export async function prepareSwift(home: string, port: number, auth: SwiftAuth): Promise<ServerProcess[]> {
  const python = await interpreterOf(requireProgram('swift-proxy-server', install));
  const memcached = requireProgram('memcached', install);
  const [object, container, account, cache] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const ports: SwiftPorts = { object, container, account, memcached: cache, proxy: port };
  await mkdir(`${home}/devices/d1`, { recursive: true });
  await writeFile(`${home}/swift.conf`, swiftConfiguration);
  await writeFile(`${home}/proxy.conf`, proxyConfiguration(home, ports, auth));
  await Promise.all(
    backends.map((kind) => writeFile(`${home}/${kind}.conf`, backendConfiguration(home, kind, ports[kind]))),
  );
  await runProgram(python, [
    scriptPath('make-rings.py'),
    home,
    ...backends.map((kind) => String(ports[kind])),
  ]);
  const serve = (kind: keyof SwiftPorts) =>
    new ServerProcess({
      program: python,
      options: [scriptPath('serve-swift.py'), home, kind, `${home}/${kind}.conf`],
      log: `${home}/${kind}.log`,
      ready: () => answers(`http://127.0.0.1:${ports[kind]}/healthcheck`),
      readyWithinMs: 60_000,
    });
  return [serveMemcached(memcached, home, cache), ...backends.map(serve), serve('proxy')];
}

function serveMemcached(program: string, home: string, port: number): ServerProcess {
  return new ServerProcess({
    program,
    // If root starts it, memcached must be told a user to run as.
    options: ['-l', '127.0.0.1', '-p', String(port), '-U', '0', '-m', '32', '-u', userInfo().username],
    log: `${home}/memcached.log`,
    ready: async () => {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.destroy();
    },
  });
}
