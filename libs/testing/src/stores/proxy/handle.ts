import type { Exchange } from './exchange.ts';
import type { Fault } from './fault.ts';
import { pass } from './pass.ts';

export function handle(exchange: Exchange, fault: Fault | undefined): void {
  if (fault?.kind === 'silence') return;
  if (fault?.kind === 'reset') exchange.incoming.socket.resetAndDestroy();
  else if (fault?.kind === 'answer') answer(exchange, fault);
  else pass(exchange, fault);
}

function answer({ incoming, outgoing }: Exchange, fault: Fault & { readonly kind: 'answer' }): void {
  const send = (headers: Record<string, string>): void => {
    outgoing.writeHead(fault.status, { ...fault.headers, ...headers }).end(fault.body);
  };
  // A client that sent `Expect` sends no body after a refusal, so do not wait for it.
  if (fault.early !== true && incoming.headers.expect === undefined)
    incoming.resume().once('end', () => send({}));
  else {
    incoming.resume();
    send({ connection: 'close' });
  }
}
