import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Authority, authorize } from './authorization/authorize.ts';
import { breakBefore, broken, type Faults, type MetFault } from './faults.ts';
import type { Bucket } from './objects/bucket.ts';
import type { Context } from './operations/context.ts';
import { operationOf, operations, type OssOperation } from './routing.ts';
import { OssError } from './wire/oss-error.ts';
import type { OssReply } from './wire/oss-reply.ts';
import { type OssRequest, parseRequest } from './wire/oss-request.ts';

export interface Service {
  readonly authority: Authority;
  readonly buckets: ReadonlyMap<string, Bucket>;
  /** The bucket of each CNAME, in addition to host names that begin with a bucket. */
  readonly cnames: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly faults: Faults;
  count(operation: OssOperation): void;
}

/** Handles one request. Never rejects: an error is answered, or breaks the connection. */
export async function handle(
  message: IncomingMessage,
  response: ServerResponse,
  service: Service,
): Promise<void> {
  const requestId = randomBytes(12).toString('hex').toUpperCase();
  response.setHeader('server', 'AliyunOSS');
  response.setHeader('x-oss-request-id', requestId);
  response.setHeader('x-oss-server-time', '1');
  try {
    await send(response, await answer(message, service));
  } catch (error) {
    // The client is gone, or has already received headers for other bytes, so no error can be sent.
    if (response.headersSent || message.errored !== null || response.destroyed) response.destroy();
    else refuse(message, response, { error, requestId });
  }
}

async function answer(message: IncomingMessage, service: Service): Promise<OssReply> {
  const { faults, buckets, directory, authority } = service;
  const request = parseRequest(message, service.cnames);
  const operation = operationOf(request);
  service.count(operation);
  const fault = faults.meet(operation);
  if (fault !== undefined) await breakBefore(fault, message.socket);
  authorize(request, authority);
  const context: Context = {
    bucket: bucketNamed(buckets, request.bucket),
    region: authority.region,
    directory,
    now: authority.now,
    bucketNamed: (name) => bucketNamed(buckets, name),
  };
  if (fault?.afterBytes === undefined) return operations[operation](request, context);
  const takesBody = operation === 'PutObject' || operation === 'UploadPart';
  if (takesBody && !['short-body', 'truncated-body'].includes(fault.kind))
    return operations[operation](brokenRequest(request, fault, message), context);
  return brokenReply(await operations[operation](request, context), fault, message);
}

function bucketNamed(buckets: ReadonlyMap<string, Bucket>, name: string): Bucket {
  const found = buckets.get(name);
  if (found === undefined) throw new OssError('NoSuchBucket', { BucketName: name });
  return found;
}

function brokenRequest(request: OssRequest, fault: MetFault, { socket }: IncomingMessage): OssRequest {
  return { ...request, body: broken(request.body, fault, socket) };
}

function brokenReply(reply: OssReply, fault: MetFault, { socket }: IncomingMessage): OssReply {
  const { body } = reply;
  if (body === undefined) return reply;
  const [bytes, whole] =
    typeof body === 'string'
      ? [Readable.from([Buffer.from(body)]), Buffer.byteLength(body)]
      : [body, Number(reply.headers?.['content-length'])];
  const length = fault.kind === 'truncated-body' ? Math.min(whole, fault.afterBytes ?? 0) : whole;
  return {
    ...reply,
    headers: { ...reply.headers, 'content-length': length },
    body: broken(bytes, fault, socket),
  };
}

async function send(response: ServerResponse, { status, headers = {}, body }: OssReply): Promise<void> {
  if (body instanceof Readable) {
    response.writeHead(status, headers);
    await pipeline(body, response);
    return;
  }
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length });
  response.end(body);
}

interface Refusal {
  readonly error: unknown;
  readonly requestId: string;
}

function refuse(message: IncomingMessage, response: ServerResponse, { error, requestId }: Refusal): void {
  const refusal = error instanceof OssError ? error : new OssError('InternalError', { Cause: String(error) });
  const body = refusal.toXml(requestId, message.headers.host ?? '');
  // Discard the rest of the request, so that the client reads the answer and can reuse the connection.
  message.resume();
  response.writeHead(refusal.status, {
    'content-type': 'application/xml',
    ...(refusal.ec === '' ? {} : { 'x-oss-ec': refusal.ec }),
    // An answer to HEAD has no body, so the error document is in a header.
    ...(message.method === 'HEAD'
      ? { 'x-oss-err': Buffer.from(body).toString('base64') }
      : { 'content-length': Buffer.byteLength(body) }),
  });
  response.end(message.method === 'HEAD' ? undefined : body);
}
