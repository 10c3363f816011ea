import type { Exchange } from './exchange.ts';
import type { Reply } from './reply.ts';

/** Answers the requests of a front. */
export abstract class Door {
  /**
   * Names the handler of the exchange as soon as it is known.
   * @throws OciError for a refusal, any other error for a fault of ours; the front makes the answer of both
   */
  abstract answer(exchange: Exchange): Promise<Reply>;
}
