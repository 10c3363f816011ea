import { createHash } from 'node:crypto';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { storeAgents } from '@longshore/storage-remote';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { S3Parameters } from './s3-parameters.ts';
import { logRequests } from './s3-request-log.ts';

export interface S3Clients {
  readonly client: S3Client;
  /** For requests that may take minutes until the first byte, like a completion that copies the parts together. */
  readonly patient: S3Client;
  /** Signs URLs for clients, which may reach the store under another name. */
  readonly signer: S3Client;
}

/** Milliseconds. */
const longThought = 300_000;

/** @throws Error of the file system if the CA bundle cannot be read */
export function s3Clients(parameters: S3Parameters): S3Clients {
  const { redirectendpoint, regionendpoint, loglevel } = parameters;
  const config = { ...clientConfig(parameters), ...endpointConfig(regionendpoint) };
  const client = new S3Client({ ...config, requestHandler: handler(parameters) });
  const patient = new S3Client({ ...config, requestHandler: handler(parameters, longThought) });
  if (!signsChecksums(parameters)) sendContentMd5(client);
  if (loglevel !== 'off') for (const logged of [client, patient]) logRequests(logged);
  const signer =
    redirectendpoint === undefined
      ? client
      : new S3Client({ ...config, ...endpointConfig(redirectendpoint) });
  return { client, patient, signer };
}

function handler({ maxconcurrency, skipverify, cabundle }: S3Parameters, stall?: number): NodeHttpHandler {
  const agents = storeAgents({
    idleConnections: maxconcurrency,
    skipVerify: skipverify,
    caFile: cabundle,
    stall,
  });
  // The agents handle silent connections; the handler's timeout would also count the pauses of a slow reader.
  return new NodeHttpHandler({ httpAgent: agents.http, httpsAgent: agents.https, socketTimeout: 0 });
}

function clientConfig(parameters: S3Parameters): S3ClientConfig {
  const { accesskey, secretkey, sessiontoken, region, regionendpoint, useragent } = parameters;
  const { forcepathstyle = regionendpoint !== undefined } = parameters;
  const calculation = signsChecksums(parameters) ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED';
  return {
    // Services other than AWS accept any region; this is their usual default.
    region: region ?? 'us-east-1',
    forcePathStyle: forcepathstyle,
    tls: parameters.secure,
    useAccelerateEndpoint: parameters.accelerate,
    useDualstackEndpoint: parameters.usedualstack,
    useFipsEndpoint: parameters.usefipsendpoint,
    requestChecksumCalculation: calculation,
    // A body that is resumed after a break has no checksum. The reader of a blob checks its digest.
    responseChecksumValidation: 'WHEN_REQUIRED',
    // With custom agents the SDK does not wait for the 100 (Continue), so the header would be useless.
    expectContinueHeader: false,
    // Only StoreCalls retries.
    maxAttempts: 1,
    ...(useragent === undefined ? {} : { customUserAgent: useragent }),
    // Without keys the SDK uses its default sources: environment, profile, web identity, container, instance.
    ...(accesskey === undefined || secretkey === undefined
      ? {}
      : {
          credentials: {
            accessKeyId: accesskey,
            secretAccessKey: secretkey,
            ...(sessiontoken === undefined ? {} : { sessionToken: sessiontoken }),
          },
        }),
  };
}

function endpointConfig(endpoint: string | undefined): S3ClientConfig {
  return endpoint === undefined ? {} : { endpoint };
}

/** Whether requests carry the SDK's CRC32, which older services refuse. The SHA-256 of the body is always signed. */
function signsChecksums({ checksums, regionendpoint }: S3Parameters): boolean {
  return (checksums ?? (regionendpoint === undefined ? 'always' : 'required')) === 'always';
}

/** Adds Content-MD5 to the deletion of several objects: it requires a checksum, and MD5 is the one that every service knows. */
function sendContentMd5(client: S3Client): void {
  client.middlewareStack.add(
    (next, context) => (args) => {
      const { request } = args;
      if (context.commandName === 'DeleteObjectsCommand' && hasTextAndHeaders(request)) {
        for (const name of Object.keys(request.headers))
          if (/^x-amz-(?:sdk-)?checksum-/i.test(name)) delete request.headers[name];
        request.headers['content-md5'] = createHash('md5').update(request.body).digest('base64');
      }
      return next(args);
    },
    // Runs after the SDK's own checksum.
    { step: 'build', priority: 'low', name: 'sendContentMd5' },
  );
}

function hasTextAndHeaders(request: unknown): request is { body: string; headers: Record<string, string> } {
  return (
    typeof request === 'object' &&
    request !== null &&
    'body' in request &&
    typeof request.body === 'string' &&
    'headers' in request &&
    typeof request.headers === 'object'
  );
}
