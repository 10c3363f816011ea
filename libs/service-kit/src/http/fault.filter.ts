import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { OciError, type OciErrorCode } from '@longshore/oci';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorReply } from './error-reply.ts';
import { exchangeOf } from './exchange.ts';
import { isManagementPath, problemReply } from './problem.ts';
import { writeReply } from './write-reply.ts';

/**
 * Answers everything that a Nest controller, Nest or Fastify throws with the door's error document, so that no client sees one of a framework. Clients
 * of the management API get a problem document.
 */
@Catch()
export class FaultFilter implements ExceptionFilter {
  catch(fault: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    answerFault(fault, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}

/** Also serves as Fastify's `frameworkErrors`, for errors of its router before any filter runs. */
export function answerFault(thrown: unknown, { raw: request }: FastifyRequest, reply: FastifyReply): void {
  const exchange = exchangeOf(request);
  exchange.fault = refusalOfFramework(thrown, request.url ?? '') ?? thrown;
  reply.hijack();
  if (reply.raw.headersSent) {
    reply.raw.destroy();
    return;
  }
  // Uses the front's writer, which keeps or ends the connection of an unread body.
  const replyTo = isManagementPath(request.url ?? '') ? problemReply : errorReply;
  void writeReply(request, reply.raw, replyTo(exchange.fault, exchange.client.requestId));
}

/** Returns undefined for faults of ours. */
function refusalOfFramework(thrown: unknown, url: string): OciError | undefined {
  const status = statusOf(thrown);
  if (status === undefined || status < 400 || status >= 500) return undefined;
  const detail = status === 404 ? { path: url.slice(0, 256) } : { reason: messageOf(thrown) };
  return new OciError(codes.get(status) ?? 'UNSUPPORTED', detail, { status, cause: thrown });
}

function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  if (!(thrown instanceof Error) || !('statusCode' in thrown)) return undefined;
  return typeof thrown.statusCode === 'number' ? thrown.statusCode : undefined;
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

const codes: ReadonlyMap<number, OciErrorCode> = new Map([
  [401, 'UNAUTHORIZED'],
  [403, 'DENIED'],
  [404, 'NOT_FOUND'],
  [413, 'SIZE_INVALID'],
  [429, 'TOOMANYREQUESTS'],
]);
