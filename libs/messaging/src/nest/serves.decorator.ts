import { Catch, UseFilters, type RpcExceptionFilter } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { throwError, type Observable } from 'rxjs';
import type { Handler } from '../bus.ts';
import type { Request } from '../request.ts';

/** Nest's own filter would turn every error into `{ status: 'error' }`; the bus knows what an asker may see. */
@Catch()
class ErrorsReachTheBus implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

type ServesDecorator<Q, R> = <M extends Handler<Q, R>>(
  target: object,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/**
 * Makes a controller method the handler of a contract, checked against its types. It is Nest's `@MessagePattern` of
 * the contract's subject with `@Payload` and `@Ctx` in their places; guards, pipes and interceptors apply.
 */
export function Serves<Q, R>(contract: Request<Q, R>): ServesDecorator<Q, R> {
  return (target, name, descriptor) => {
    Payload()(target, name, 0);
    Ctx()(target, name, 1);
    MessagePattern(contract.subject, { contract })(target, name, descriptor);
    UseFilters(new ErrorsReachTheBus())(target, name, descriptor);
  };
}
