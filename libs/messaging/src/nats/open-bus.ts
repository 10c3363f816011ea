import type { ServiceContext } from '@longshore/service-kit';
import type { EventStream } from '../event-stream.ts';
import { natsConnector } from './connect-nats.ts';
import { JetStreamEventStream } from './jetstream-event-stream.ts';
import { NatsBus } from './nats-bus.ts';
import type { NatsConnector } from './nats-connector.ts';

/**
 * Makes the bus of a service over NATS, not started yet: `BusServer` starts it in a service that answers.
 * @throws Error when `nats` is not configured
 */
export function createBus(context: ServiceContext): NatsBus {
  return new NatsBus(connectorOf(context), { secret: context.config.services.secret });
}

/** Opens the bus of a service that only asks. It is closed with the service. Rejects as `Bus.start` does. */
export async function openBus(context: ServiceContext): Promise<NatsBus> {
  const bus = createBus(context);
  await bus.start();
  context.lifecycle.onClose('bus', () => bus.close());
  return bus;
}

/** Opens the stream of events in JetStream. It is closed with the service. */
export function openEventStream(context: ServiceContext): EventStream {
  const stream = new JetStreamEventStream(connectorOf(context));
  context.lifecycle.onClose('event stream', () => stream.close());
  return stream;
}

function connectorOf({ name, config, log, metrics }: ServiceContext): NatsConnector {
  const largestMessageBytes = config.validation.manifests.payloadsizelimit;
  return natsConnector(config.nats, { name, largestMessageBytes, log, metrics });
}
