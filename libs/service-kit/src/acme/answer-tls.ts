import type { Socket } from 'node:net';
import { createSecureContext, createServer, type SecureContext, type Server } from 'node:tls';
import { callbackify } from 'node:util';
import type { AcmeFolder } from './acme-folder.ts';

/** RFC 8737. The length before the name is that of the list in the ClientHello. */
const protocol = 'acme-tls/1';
const offered = Buffer.from(`${String.fromCharCode(protocol.length)}${protocol}`);

const recordHeader = 5;
const handshakeRecord = 22;
/** Milliseconds for the first message of a client. */
const helloDeadline = 10_000;

/**
 * Answers tls-alpn-01 on the port of a TLS server. Node chooses the certificate before it looks at the client's protocols, so this looks at the first
 * message of each connection, and gives connections of the authority to a server of its own.
 */
export function answerTlsChallenges(server: Server, folder: AcmeFolder, hosts: readonly string[]): void {
  const challenges = challengeServer(folder, hosts);
  const usual = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    peek(socket, (hello) => {
      if (hello.includes(offered)) challenges.emit('connection', socket);
      else for (const listener of usual) Reflect.apply(listener, server, [socket]);
    });
  });
}

function challengeServer(folder: AcmeFolder, hosts: readonly string[]): Server {
  const contextFor = async (host: string): Promise<SecureContext> => {
    const pem = hosts.includes(host) ? await folder.answer('tls-alpn-01', host) : undefined;
    if (pem === undefined) throw new Error(`there is no challenge for ${host}`);
    return createSecureContext({ cert: pem, key: pem });
  };
  const challenges = createServer({
    ALPNProtocols: [protocol],
    handshakeTimeout: helloDeadline,
    SNICallback: callbackify((name: string) => contextFor(name.toLowerCase())),
  });
  challenges.on('secureConnection', (client) => client.end());
  // Strangers may ask for challenges that are not there.
  challenges.on('tlsClientError', (_, client) => client.destroy());
  return challenges;
}

/** Reads the first record of a client, and puts it back. */
function peek(socket: Socket, decide: (hello: Buffer) => void): void {
  let hello = Buffer.alloc(0);
  const deadline = setTimeout(() => socket.destroy(), helloDeadline).unref();
  const stop = (): void => {
    clearTimeout(deadline);
    socket.off('data', take).off('close', stop).off('error', stop);
  };
  const take = (chunk: Buffer): void => {
    hello = Buffer.concat([hello, chunk]);
    if (!isComplete(hello)) return;
    stop();
    socket.pause();
    socket.unshift(hello);
    decide(hello);
  };
  socket.on('data', take).on('close', stop).on('error', stop);
}

/** Tells whether the first record is there, or the bytes are no handshake of TLS. */
function isComplete(bytes: Buffer): boolean {
  if (bytes[0] !== handshakeRecord) return true;
  return bytes.length >= recordHeader && bytes.length >= recordHeader + bytes.readUInt16BE(3);
}
