import { AccountError, type Identity, type PolicyRights, Rights } from '@longshore/authorization';
import type { ManagementAnswer, ManagementCall } from '@longshore/messaging';
import { type ChangeOrigin, Database } from '@longshore/metadata';
import { controllerRoutes, OciError } from '@longshore/oci';
import { problemAnswer } from '@longshore/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { AuthSettings } from '../auth-settings.ts';
import { openApiDocument } from './openapi/openapi-document.ts';
import type { Answer, Operation, Scope } from './operation.ts';
import { operationAt } from './operations.ts';
import { Refused } from './refusals.ts';

const json = { 'content-type': 'application/json' };

/** Performs the operations of the management API. Who asks may use the route: the gateway has decided that. */
@Injectable()
export class ManagementService {
  #document: string | undefined;

  constructor(
    private readonly settings: AuthSettings,
    private readonly database: Database,
    @Inject(Rights) private readonly rights: PolicyRights,
  ) {}

  /** @throws OciError UNAVAILABLE, and faults of ours */
  async answer(call: ManagementCall): Promise<ManagementAnswer> {
    if (call.route === 'api-document') return this.#openApi();
    const found = operationAt(call.route, call.method);
    const { identity } = call;
    if (found === undefined || identity === undefined)
      throw new OciError('UNSUPPORTED', { method: call.method });
    const { id, made } = found;
    try {
      const answer = await made.perform(call, this.#scope(id, call, identity));
      return { ...answerOf(made, call, answer), isRecorded: made.method !== 'GET' };
    } catch (error) {
      return refusal(error, call);
    }
  }

  #openApi(): ManagementAnswer {
    this.#document ??= JSON.stringify(openApiDocument());
    const headers = { ...json, 'cache-control': 'public, max-age=300' };
    return { status: 200, headers, body: this.#document, isRecorded: false };
  }

  #scope(operation: string, { client, requestId }: ManagementCall, identity: Identity): Scope {
    return {
      db: this.database.db,
      rights: this.rights,
      confirmation: this.settings.oidc?.confirmation ?? 0,
      operation,
      identity,
      client,
      origin: originOf(identity, client, requestId),
    };
  }
}

function originOf(
  { kind, subject, credential }: Identity,
  { address, userAgent }: ManagementCall['client'],
  requestId: string,
): ChangeOrigin {
  return {
    actorKind: kind,
    actor: subject,
    credentialKind: credential.kind,
    ...(credential.id !== undefined && { credentialId: credential.id }),
    address,
    userAgent,
    requestId,
    service: 'auth-service',
  };
}

function answerOf(
  { status, answer, creates }: Operation,
  call: ManagementCall,
  { body, created, next }: Answer<unknown>,
): Omit<ManagementAnswer, 'isRecorded'> {
  return {
    status,
    headers: {
      // What is private to an administrator must not stay in a cache on the way.
      'cache-control': 'no-store',
      ...(answer !== undefined && json),
      ...(creates !== undefined && created !== undefined && { location: pathOf(creates, created) }),
      ...(next !== undefined && { link: linkTo(call, next) }),
    },
    body: answer === undefined ? '' : JSON.stringify(body),
  };
}

function pathOf(route: ManagementCall['route'], parameters: Readonly<Record<string, string>>): string {
  const [template] = controllerRoutes[route].templates;
  return template.replaceAll(/<([a-z]+)>/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''));
}

/** Names the next page (RFC 8288): the same question from another place on. */
function linkTo({ route, path, query }: ManagementCall, cursor: string): string {
  const parameters = new URLSearchParams(query.filter(([name]) => name !== 'cursor').map(pair));
  parameters.set('cursor', cursor);
  return `<${pathOf(route, path)}?${parameters.toString()}>; rel="next"`;
}

const pair = ([name, value]: readonly [string, string]): [string, string] => [name, value];

const statuses = { invalid: 422, absent: 404, taken: 409, refused: 409 } as const;

/** @throws any error that is no refusal */
function refusal(error: unknown, { requestId }: ManagementCall): ManagementAnswer {
  if (error instanceof Refused)
    return problem(error.status, { requestId, detail: error.message, errors: error.errors });
  if (error instanceof AccountError)
    return problem(statuses[error.kind], { requestId, detail: error.message });
  throw error;
}

const problem = (status: number, facts: Parameters<typeof problemAnswer>[1]): ManagementAnswer => ({
  status,
  ...problemAnswer(status, facts),
  isRecorded: false,
});
