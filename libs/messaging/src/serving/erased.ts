import type { Handler } from '../bus.ts';
import type { Request } from '../request.ts';

/** A handler in a table that holds handlers of many contracts. */
export type AnyHandler = Handler<unknown, unknown>;

// A subject names one contract, and only questions of that contract are looked up under it.
export function erased<Q, R>(handler: Handler<Q, R>): AnyHandler {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return handler as AnyHandler;
}

/** Types the answer to a question of this contract: its handler was typed to return it. */
export function answerTo<Q, R>(_contract: Request<Q, R>, answer: unknown): R {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return answer as R;
}
