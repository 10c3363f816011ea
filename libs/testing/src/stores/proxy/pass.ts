import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { Transform } from 'node:stream';
import type { Exchange } from './exchange.ts';
import type { Fault } from './fault.ts';
import { forged } from './forged.ts';

export type PassingFault = Exclude<Fault, { readonly kind: 'answer' | 'reset' | 'silence' }>;

/** Sends the request on to the store, and its answer back, with or without a fault. */
export function pass(exchange: Exchange, fault: PassingFault | undefined): void {
  const { incoming, outgoing, target } = exchange;
  const { socket, method, url: path, rawHeaders } = incoming;
  const headers = fault?.kind === 'forgeCredentials' ? forged(rawHeaders) : rawHeaders;
  const forwarded = request({ ...target, method, path, headers, setHost: false });
  let answered = false;
  forwarded.on('error', () => {
    // A store that has answered needs no more of the request, so its answer still counts. Swift also sends a body after some answers to HEAD.
    if (answered) incoming.unpipe().resume();
    else socket.destroy();
  });
  forwarded.on('response', (answer) => {
    answered = true;
    answer.on('error', () => socket.destroy());
    sendBack(exchange, answer, fault);
  });
  outgoing.once('close', () => forwarded.destroy());
  if (incoming.headers.expect === undefined) {
    sendOn(incoming, forwarded, fault);
    return;
  }
  forwarded.once('continue', () => {
    outgoing.writeContinue();
    sendOn(incoming, forwarded, fault);
  });
}

function sendOn(incoming: IncomingMessage, forwarded: ClientRequest, fault: PassingFault | undefined): void {
  const breakOff = (): void => {
    forwarded.destroy();
    incoming.socket.resetAndDestroy();
  };
  if (fault?.kind === 'cutRequest') incoming.pipe(cut(fault.after, breakOff)).pipe(forwarded);
  else if (fault?.kind === 'stallRequest') incoming.pipe(cut(fault.after, nothing)).pipe(forwarded);
  else incoming.pipe(forwarded);
}

function sendBack({ incoming, outgoing }: Exchange, answer: IncomingMessage, fault?: PassingFault): void {
  const { socket } = incoming;
  if (fault?.kind === 'loseAnswer') {
    answer.resume().once('end', () => socket.resetAndDestroy());
    return;
  }
  const status = answer.statusCode ?? 502;
  if (fault?.kind === 'shortenAnswer' && Number(answer.headers['content-length']) > fault.after) {
    outgoing.writeHead(status, { ...answer.headers, 'content-length': fault.after });
    answer.pipe(cut(fault.after, () => outgoing.end())).pipe(outgoing);
    return;
  }
  outgoing.writeHead(status, answer.rawHeaders);
  if (fault?.kind === 'cutAnswer')
    answer.pipe(cut(fault.after, () => socket.resetAndDestroy())).pipe(outgoing);
  else if (fault?.kind === 'stallAnswer') answer.pipe(cut(fault.after, nothing)).pipe(outgoing);
  else answer.pipe(outgoing);
}

const nothing = (): void => undefined;

/** Lets `after` bytes pass, then calls `then` a moment later. Passes no further bytes and does not end. */
function cut(after: number, then: () => void): Transform {
  let left = after;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const fitting = chunk.subarray(0, left);
      left -= fitting.byteLength;
      // The bytes that passed should arrive before the connection breaks.
      if (fitting.byteLength < chunk.byteLength) setTimeout(then, 50);
      else done(null, fitting);
      if (fitting.byteLength < chunk.byteLength) this.push(fitting);
    },
  });
}
