import { run } from './command.ts';

export interface BusCall {
  readonly host: string;
  readonly port: number;
  /** Anonymous without them. `passwordFile` is on the machine where the program runs. */
  readonly credentials?: { readonly user: string } & (
    { readonly pass: string } | { readonly passwordFile: string }
  );
  readonly lines?: readonly string[];
}

/**
 * Returns a script for Node, to run where the bus is reachable: it signs in to a nats-server, sends the lines, and prints the server's answers, up to
 * the PONG after the last line or the end of the connection. It uses only Node, since the images contain nothing else.
 */
export function busScript(call: BusCall): string {
  return `
const { host, port, credentials = {}, lines = [] } = ${JSON.stringify(call)};
const { passwordFile, ...options } = credentials;
if (passwordFile) options.pass = require('node:fs').readFileSync(passwordFile, 'utf8');
const socket = require('node:net').connect(port, host);
let heard = '';
const end = () => { console.log(heard.replace(/^INFO .*\\r\\n/gm, '')); process.exit(); };
socket.once('data', () => socket.write([
  'CONNECT ' + JSON.stringify({ verbose: false, pedantic: false, ...options }), 'PING', ...lines, 'PING', '',
].join('\\r\\n')));
socket.on('data', (chunk) => { heard += chunk; if (heard.split('PONG').length > 2) end(); });
socket.on('close', end).on('error', (error) => { heard += error.code; end(); });
setTimeout(() => { heard += 'no answer'; end(); }, 10_000);`;
}

/** Returns the answer of a bus on this machine. */
export function sayToBus(call: Omit<BusCall, 'host'>): Promise<string> {
  return run(process.execPath, ['--eval', busScript({ host: '127.0.0.1', ...call })]);
}

/** An empty message in NATS's protocol. */
export const publishing = (subject: string): string => `PUB ${subject} 0\r\n`;
const subscribing = (subject: string, queue = ''): string => `SUB ${subject} ${queue} 1`;

/** Answers of a nats-server: to an unknown user, to a forbidden operation, and to all others. */
export const refusedUser = /Authorization Violation/;
export const refusedSubject = /Permissions Violation/;
export const taken = 'PONG\r\nPONG';

/** Forbidden operations of each service with its own credentials. */
export const trespasses: readonly (readonly [service: string, does: string, line: string])[] = [
  ['api-gateway', 'hears passwords', subscribing('longshore.auth.authenticate')],
  ['api-gateway', 'checks passwords', subscribing('longshore.auth.authenticate', 'auth.authenticate')],
  ['api-gateway', 'reads events', subscribing('longshore-events.registry')],
  ['blob-service', 'hears what the gateway is told', subscribing('_INBOX_api-gateway.>')],
  ['blob-service', 'deletes a tag', publishing('longshore.manifests.delete')],
  ['manifest-service', 'asks for a token', publishing('longshore.auth.token')],
  ['manifest-service', 'answers for auth-service', publishing('_INBOX_api-gateway.auth-service.x.1')],
  ['notifier', 'reads a manifest', publishing('longshore.manifests.get')],
  ['notifier', 'hears everything', subscribing('>')],
  ['auth-service', 'deletes the events', publishing('$JS.API.STREAM.DELETE.LONGSHORE_EVENTS')],
];
