import { run } from './command.ts';

export interface BusCall {
  readonly host: string;
  readonly port: number;
  /** Nobody's without them. `passwordFile` is where the program runs. */
  readonly credentials?: { readonly user: string } & (
    { readonly pass: string } | { readonly passwordFile: string }
  );
  readonly lines?: readonly string[];
}

/**
 * A script for Node, to be run where the bus is reached: signs in to a nats-server, says the lines, and prints what the server answers, up to the PONG
 * behind the last line or the end of the connection. It uses nothing but Node, since the images hold nothing else.
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

/** What a bus of this machine answers. */
export function sayToBus(call: Omit<BusCall, 'host'>): Promise<string> {
  return run(process.execPath, ['--eval', busScript({ host: '127.0.0.1', ...call })]);
}

/** An empty message, as NATS's protocol has it. */
export const publishing = (subject: string): string => `PUB ${subject} 0\r\n`;
const subscribing = (subject: string, queue = ''): string => `SUB ${subject} ${queue} 1`;

/** How a nats-server answers to those who may not come in, to those who may not say this, and to all others. */
export const refusedUser = /Authorization Violation/;
export const refusedSubject = /Permissions Violation/;
export const taken = 'PONG\r\nPONG';

/** What one service must not do with its own credentials, for each of them. */
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
