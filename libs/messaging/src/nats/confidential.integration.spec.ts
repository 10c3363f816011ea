import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { OciError } from '@longshore/oci';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { busServices } from '../bus-services.ts';
import { contracts } from '../contracts/all.ts';
import { authenticate, issueToken } from '../contracts/authentication.ts';
import { natsServerIsMissing, startNatsServer, type TestNatsServer } from '../testing/nats-server.ts';
import { pack } from '../wire/pack.ts';
import { encodeAnswers, encodeQuestions } from './message.ts';
import { NatsBus } from './nats-bus.ts';
import { NatsConnector } from './nats-connector.ts';

const secret = 'the secret of a deployment';
const login = { username: 'alice', password: 'correct-horse' };
const carries = (service: string): boolean =>
  [...contracts.values()].some(
    ({ confidential, servedBy, askedBy }) =>
      confidential === true && [servedBy, ...askedBy].some((name) => name === service),
  );

describe.skipIf(natsServerIsMissing())('a confidential contract on a NATS that shows everything', () => {
  let server: TestNatsServer;
  const open: { close(): Promise<unknown> }[] = [];
  const logged: string[] = [];
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((connection) => connection.close()));
    logged.length = 0;
  });
  afterAll(() => server.dispose());

  const busOf = (name: string, options: { readonly secret?: string } = { secret }) => {
    const error = (_fields: unknown, text?: string) => void logged.push(`${name}: ${text}`);
    const settings = { servers: [server.url], name, largestMessageBytes: 1024 };
    const log = { info: () => undefined, warn: () => undefined, error };
    const bus = new NatsBus(new NatsConnector(settings, log), options);
    open.push(bus);
    return bus;
  };

  /** Starts auth-service with one account, and its askers. `asked` lists the names that reached it. */
  const registry = async (asking: { readonly secret?: string } = { secret }) => {
    const asked: string[] = [];
    const serving = busOf('auth-service');
    serving.serve(authenticate, async ({ username, password }) => {
      asked.push(username);
      if (password === 'fault') throw new OciError('DENIED', { reason: `not ${password}` });
      return password === login.password ? { subject: username } : { refused: true as const };
    });
    const gateway = busOf('api-gateway', asking);
    return { serving, gateway, asked, start: () => Promise.all([serving.start(), gateway.start()]) };
  };

  /** Connects an attacker with all rights on the server. */
  const intruder = async (
    seen: (message: Msg, connection: NatsConnection) => void,
  ): Promise<NatsConnection> => {
    const connection = await connect({ servers: server.url });
    open.push(connection);
    connection.subscribe('>', {
      callback: (_error, message) => seen(message, connection),
    });
    await connection.flush();
    return connection;
  };

  it('hides passwords, refresh tokens and issued tokens from a listener on >', async () => {
    const seen: Msg[] = [];
    await intruder((message) => void seen.push(message));
    const { serving, gateway, start } = await registry();
    serving.serve(issueToken, async () => ({
      status: 200,
      headers: {},
      body: JSON.stringify({ token: 'issued-token', refresh_token: 'lsr_issued' }),
    }));
    await start();
    expect(await gateway.request(authenticate, login)).toEqual({ subject: 'alice' });
    await expect(gateway.request(authenticate, { username: 'a', password: 'fault' })).rejects.toMatchObject({
      code: 'DENIED',
    });
    const answer = await gateway.request(issueToken, {
      method: 'POST',
      authorization: `Basic ${btoa('alice:correct-horse')}`,
      parameters: [['refresh_token', 'lsr_sent']],
      address: '192.0.2.1',
    });
    expect(answer.body).toContain('issued-token');
    // The server may deliver to the asker first and to the listener afterwards.
    await vi.waitFor(() => {
      const ours = seen.filter(({ subject }) => /^(?:longshore\.auth|_INBOX_api-gateway)\./.test(subject));
      expect(ours).toHaveLength(6);
    }, 10_000);
    const all = seen
      .map(({ subject, data }) => `${subject} ${Buffer.from(data).toString('latin1')}`)
      .join('\n');
    for (const hidden of [
      'correct-horse',
      btoa('alice:correct-horse'),
      'fault',
      'lsr_',
      'issued-token',
      'alice',
    ])
      expect(all).not.toContain(hidden);
  });

  it('rejects a forged answer: 503, and a log line that names services.secret', async () => {
    await intruder(({ subject, reply }, connection) => {
      const forged = encodeAnswers([{ index: 0, content: pack({ subject: 'admin' }) }]);
      if (subject === 'longshore.auth.authenticate') connection.publish(reply ?? '', forged);
    });
    // No other process answers.
    const { serving, gateway, start } = await registry();
    serving.serve(issueToken, async () => ({ status: 200, headers: {}, body: '' }));
    await start();
    await serving.close();
    await expect(gateway.request(authenticate, login)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      status: 503,
    });
    expect(logged).toEqual([
      expect.stringMatching(
        /^api-gateway: an answer is not sealed .*services\.secret the same here and in auth-service/,
      ),
    ]);
  });

  it('rejects the answer to another question', async () => {
    const answers: Uint8Array[] = [];
    const { serving, gateway, asked, start } = await registry();
    await intruder(({ subject, reply, data }, connection) => {
      const [answer] = answers;
      if (subject.startsWith('_INBOX_api-gateway')) answers.push(data.slice());
      else if (subject === 'longshore.auth.authenticate' && answer !== undefined)
        connection.publish(reply ?? '', answer);
    });
    await start();
    expect(await gateway.request(authenticate, login)).toEqual({ subject: 'alice' });
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    await serving.close();
    await expect(gateway.request(authenticate, { ...login, password: 'wrong' })).rejects.toMatchObject({
      status: 503,
    });
    expect(asked).toEqual(['alice']);
    expect(logged).toEqual([expect.stringContaining('an answer is not sealed for its question')]);
  });

  it('handles a repeated question once, and rejects one with another reply subject', async () => {
    const { gateway, asked, start } = await registry();
    const question = Promise.withResolvers<{ reply: string; data: Uint8Array }>();
    const connection = await intruder(({ subject, reply, data }) => {
      if (subject === 'longshore.auth.authenticate')
        question.resolve({ reply: reply ?? '', data: data.slice() });
    });
    await start();
    await gateway.request(authenticate, login);
    const { reply, data } = await question.promise;
    connection.publish('longshore.auth.authenticate', data, { reply });
    connection.publish('longshore.auth.authenticate', data, { reply: '_INBOX_evil.auth-service.x.1' });
    await connection.flush();
    // Questions are handled in order, so the intruder's questions came before this one.
    await gateway.request(authenticate, { ...login, username: 'bob' });
    expect(asked).toEqual(['alice', 'bob']);
    expect(logged).toEqual([
      expect.stringContaining('auth-service: a question came twice'),
      expect.stringMatching(/^auth-service: a question is not sealed as ours: .*services\.secret .* in evil/),
    ]);
  });

  it('rejects a question in the clear', async () => {
    const { asked, start } = await registry();
    const connection = await intruder(() => undefined);
    await start();
    const plain = encodeQuestions([{ packed: pack(login), trace: undefined, budgetMs: 5_000 }]);
    const inbox = await connect({ servers: server.url, inboxPrefix: '_INBOX_api-gateway.auth-service' });
    open.push(inbox);
    const reply = await inbox.request('longshore.auth.authenticate', plain, { timeout: 5_000 });
    expect(reply.string()).toContain('the question cannot be read');
    await connection.flush();
    expect(asked).toEqual([]);
  });

  it('with two secrets accepts no login: 503, and both sides say why', async () => {
    const { gateway, asked, start } = await registry({ secret: 'another secret' });
    await start();
    await expect(gateway.request(authenticate, login)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      status: 503,
      headers: { 'retry-after': '1' },
    });
    expect(asked).toEqual([]);
    expect(logged).toEqual([
      expect.stringMatching(/^auth-service: .*services\.secret the same here and in api-gateway/),
      expect.stringMatching(/^api-gateway: .*services\.secret the same here and in auth-service/),
    ]);
  });

  it.each(busServices.filter(carries))('does not let %s start without a secret', async (service) => {
    await expect(busOf(service, {}).start()).rejects.toThrow(
      new RegExp(`^services\\.secret is required by ${service}: it seals .*auth\\.authenticate`),
    );
  });

  it.each(busServices.filter((service) => !carries(service)))(
    'requires no secret from %s',
    async (service) => {
      const bus = busOf(service, {});
      await bus.start();
      await expect(bus.ready()).resolves.toBeUndefined();
    },
  );
});
