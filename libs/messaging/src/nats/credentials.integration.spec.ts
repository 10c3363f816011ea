import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BusService, busServices } from '../bus-services.ts';
import { contracts } from '../contracts/all.ts';
import { authenticate } from '../contracts/authentication.ts';
import { getManifest } from '../contracts/manifests.ts';
import { describeEventStream } from '../testing/event-stream.contract.ts';
import { natsServerIsMissing, startNatsServer, type TestNatsServer } from '../testing/nats-server.ts';
import { JetStreamEventStream } from './jetstream-event-stream.ts';
import { NatsBus } from './nats-bus.ts';
import { NatsConnector } from './nats-connector.ts';
import { streamName } from './subjects.ts';

const mine = { digest: '', mediaType: '', size: 0 };
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const subscribing =
  (subject: string, queue = '') =>
  (connection: NatsConnection) =>
    void connection.subscribe(subject, { callback: () => undefined, ...(queue !== '' && { queue }) });
const publishing = (subject: string) => (connection: NatsConnection) => connection.publish(subject, 'x');
const othersThan = (service: BusService) => busServices.filter((candidate) => candidate !== service);
const violation = expect.stringContaining('Permissions Violation');

describe.skipIf(natsServerIsMissing())('the NATS configuration that Longshore ships', () => {
  let server: TestNatsServer;
  const open: { close(): Promise<unknown> }[] = [];
  beforeAll(async () => {
    server = await startNatsServer({ secured: true });
  });
  afterEach(() => Promise.all(open.splice(0).map((connection) => connection.close())));
  afterAll(() => server.dispose());

  const connector = (name: string, settings = {}) =>
    new NatsConnector(
      {
        servers: [server.url],
        name,
        password: server.passwords.get(name),
        largestMessageBytes: 1024,
        startDeadlineMs: 300,
        ...settings,
      },
      silent,
    );
  const busOf = (service: BusService) => {
    const bus = new NatsBus(connector(service), { secret: 'shared' });
    open.push(bus);
    return bus;
  };
  /** Connects as an attacker would, with the credentials of one service. */
  const as = async (service: BusService): Promise<NatsConnection> => {
    const pass = server.passwords.get(service) ?? '';
    const connection = await connect({
      servers: server.url,
      user: service,
      pass,
      inboxPrefix: `_INBOX_${service}`,
    });
    open.push(connection);
    return connection;
  };
  /** Returns NATS's refusal of one operation. */
  const refusal = async (service: BusService, act: (connection: NatsConnection) => void): Promise<string> => {
    const connection = await as(service);
    const errors: string[] = [];
    void (async () => {
      for await (const status of connection.status())
        if (status.type === 'error') errors.push(status.error.message);
    })();
    act(connection);
    await connection.flush();
    await new Promise((resolve) => void setImmediate(resolve));
    return errors.join();
  };
  it.each([
    ['nobody', {}],
    ['a name without a password', { user: 'auth-service' }],
    ['a wrong password', { user: 'auth-service', pass: 'wrong' }],
    ['a token', { token: 'auth-service' }],
  ])('lets %s in', async (_who, credentials) => {
    await expect(connect({ servers: server.url, reconnect: false, ...credentials })).rejects.toThrow(
      'Authorization Violation',
    );
  });

  it('refuses the credentials of one service for the user of another', async () => {
    const pass = server.passwords.get('api-gateway') ?? '';
    await expect(
      connect({ servers: server.url, reconnect: false, user: 'auth-service', pass }),
    ).rejects.toThrow('Authorization Violation');
    const bus = new NatsBus(connector('auth-service', { password: pass }), { secret: 'shared' });
    await expect(bus.start()).rejects.toThrow('NATS refuses our credentials at nats://127.0.0.1');
  });

  it.each([...contracts.values()])(
    'carries $subject from $askedBy to $servedBy and back',
    async (contract) => {
      const serving = busOf(contract.servedBy);
      serving.serve(contract, async () => 'answered');
      await serving.start();
      const answers = contract.askedBy.map(async (service) => {
        const asker = busOf(service);
        await asker.start();
        return asker.request(contract, 'question');
      });
      expect(await Promise.all(answers)).toEqual(contract.askedBy.map(() => 'answered'));
    },
  );

  it.each([...contracts.values()])(
    'refuses $subject to all but $askedBy who ask and $servedBy who answers',
    async ({ subject, servedBy, askedBy }) => {
      const found = busServices.map(async (service) => ({
        service,
        serves: await refusal(service, subscribing(`longshore.${subject}`, subject)),
        overhears: await refusal(service, subscribing(`longshore.${subject}`)),
        hearsCancels: await refusal(service, subscribing(`longshore-cancel.${subject}`)),
        asks: await refusal(service, publishing(`longshore.${subject}`)),
      }));
      const wanted = busServices.map((service) => ({
        service,
        serves: service === servedBy ? '' : violation,
        overhears: violation,
        hearsCancels: service === servedBy ? '' : violation,
        asks: askedBy.includes(service) ? '' : violation,
      }));
      expect(await Promise.all(found)).toEqual(wanted);
    },
  );

  it.each(busServices)('lets %s listen where it gets answers, and nowhere else', async (service) => {
    const inboxes = othersThan(service).map((other) => `_INBOX_${other}.>`);
    const said = [...inboxes, '_INBOX.>', '>'].map((subject) => refusal(service, subscribing(subject)));
    expect(await Promise.all(said)).toEqual(said.map(() => violation));
    expect(await refusal(service, subscribing(`_INBOX_${service}.>`))).toBe('');
  });

  it('prevents a service from answering for another', async () => {
    const answer = publishing('_INBOX_api-gateway.auth-service.guessed.1');
    const said = othersThan('auth-service').map((service) => refusal(service, answer));
    expect(await Promise.all(said)).toEqual(said.map(() => violation));
    expect(await refusal('auth-service', answer)).toBe('');
  });

  it('refuses an answer to an inbox that is not the asker’s, and the service that was tricked stays ready', async () => {
    const serving = busOf('auth-service');
    serving.serve(authenticate, async () => ({ refused: true as const }));
    await serving.start();
    const gateway = await as('api-gateway');
    gateway.publish('longshore.auth.authenticate', 'nonsense', {
      reply: `$JS.API.STREAM.DELETE.${streamName}`,
    });
    gateway.publish('longshore.auth.authenticate', 'nonsense', {
      reply: '_INBOX_blob-service.auth-service.x.1',
    });
    await gateway.flush();
    await expect(serving.ready()).resolves.toBeUndefined();
  });

  it('gives only the notifier access to events', async () => {
    const touching = [
      publishing('longshore-events.registry'),
      publishing(`$JS.API.STREAM.INFO.${streamName}`),
      subscribing('longshore-events.registry'),
    ];
    const said = othersThan('notifier').flatMap((service) => touching.map((act) => refusal(service, act)));
    expect(await Promise.all(said)).toEqual(said.map(() => violation));
    expect(await refusal('notifier', publishing('$JS.API.STREAM.CREATE.OTHER'))).toEqual(violation);
    await expect(jetstreamManager(await as('notifier'))).resolves.toBeDefined();
  });

  it('reports a subject that a service may not serve, at the start and while it runs', async () => {
    const bus = busOf('blob-service');
    await bus.start();
    bus.serve(getManifest, async () => mine);
    await expect
      .poll(() => bus.ready().catch(String))
      .toMatch(/blob-service: .*subscription of longshore\.manifests\.get/);
    const second = busOf('blob-service');
    second.serve(getManifest, async () => mine);
    await expect(second.start()).rejects.toThrow(/subscription of longshore.*docs\/reference\/bus\.md/);
  });

  describeEventStream('JetStream with credentials', async () => {
    await server.stop();
    server.wipe();
    await server.restart();
    return new JetStreamEventStream(connector('notifier'), { delayAfter: () => 20 });
  });
});
