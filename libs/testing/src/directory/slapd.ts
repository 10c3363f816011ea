import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { selfSigned } from '../certificate.ts';
import { freePort } from '../http/free-port.ts';
import { programsAreMissing, requireProgram } from '../programs.ts';
import { ServerProcess } from '../stores/process/server-process.ts';

const run = promisify(execFile);
const suffix = 'dc=example,dc=org';

/** An OpenLDAP server with the entries of an LDIF, on the loopback interface. */
export interface DirectoryServer {
  /** `ldap://`, which offers StartTLS. */
  readonly url: string;
  /** `ldaps://`. */
  readonly tlsUrl: string;
  /** File with the certificate of its authority. */
  readonly ca: string;
  readonly suffix: string;
  /** Name and password of the account that may read and change everything. */
  readonly root: { readonly dn: string; readonly password: string };
  /** Changes entries. @param ldif as `ldapmodify` reads it */
  modify(ldif: string): Promise<void>;
  /** Stops answering at once, with open sockets, until `resume`. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** Returns true if tests that need a directory should be skipped. @throws Error if servers are required and slapd is missing */
export const directoryIsMissing = (): boolean => programsAreMissing('slapd', 'ldapmodify');

/** Starts slapd. @param entries LDIF of what is below the suffix @throws Error that says how to install it, if it is missing */
export async function startDirectory(entries: string): Promise<DirectoryServer> {
  const install = 'apt-get install --no-install-recommends slapd ldap-utils';
  const slapd = requireProgram('slapd', install);
  const ldapmodify = requireProgram('ldapmodify', install);
  const home = await mkdtemp(join(tmpdir(), 'longshore-slapd-'));
  const [port, tlsPort] = [await freePort(), await freePort()];
  const root = { dn: `cn=root,${suffix}`, password: 'root of the test' };
  const { certificate, key } = selfSigned(home, 'slapd', 'DNS:localhost,IP:127.0.0.1');
  await mkdir(join(home, 'data'));
  const configuration = join(home, 'slapd.conf');
  await writeFile(configuration, configurationOf({ home, certificate, key, root }));
  const ldif = join(home, 'entries.ldif');
  await writeFile(ldif, `dn: ${suffix}\nobjectClass: domain\ndc: example\n\n${entries}`);
  await run(slapd, ['-T', 'add', '-f', configuration, '-l', ldif]);
  const url = `ldap://localhost:${port}`;
  const server = new ServerProcess({
    program: slapd,
    options: ['-f', configuration, '-h', `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${tlsPort}`, '-d', '0'],
    log: join(home, 'log'),
    ready: () => accepts(port),
  });
  await server.start();
  return {
    url,
    tlsUrl: `ldaps://localhost:${tlsPort}`,
    ca: certificate,
    suffix,
    root,
    modify: async (change) => {
      const file = join(home, 'change.ldif');
      await writeFile(file, change);
      await run(ldapmodify, ['-x', '-H', url, '-D', root.dn, '-w', root.password, '-f', file]);
    },
    pause: () => server.pause(),
    resume: () => server.resume(),
    stop: async () => {
      await server.kill();
      await rm(home, { recursive: true, force: true });
    },
  };
}

interface Places {
  readonly home: string;
  readonly certificate: string;
  readonly key: string;
  readonly root: DirectoryServer['root'];
}

/** Nobody reads without a bind; a user reads its own entry. */
const configurationOf = ({ home, certificate, key, root }: Places): string => `
${['core', 'cosine', 'nis', 'inetorgperson'].map((schema) => `include /etc/ldap/schema/${schema}.schema`).join('\n')}
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile ${home}/pid
TLSCertificateFile ${certificate}
TLSCertificateKeyFile ${key}
database mdb
suffix "${suffix}"
directory ${home}/data
rootdn "${root.dn}"
rootpw "${root.password}"
access to attrs=userPassword by anonymous auth by * none
access to * by self read by dn.base="cn=reader,${suffix}" read by * none
`;

async function accepts(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
