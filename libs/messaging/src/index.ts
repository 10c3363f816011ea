export { busServices, type BusService } from './bus-services.ts';
export { Bus, type Handler, type RequestOptions, type ServeContext } from './bus.ts';
export { contracts, type Contract } from './contracts/all.ts';
export * from './contracts/index.ts';
export { EventStream, type EventHandler, type StreamEvent } from './event-stream.ts';
export { InProcessBus, type InProcessBusOptions } from './in-process/in-process-bus.ts';
export {
  InProcessEventStream,
  type InProcessEventStreamOptions,
} from './in-process/in-process-event-stream.ts';
export { defineRequest, type Request, type ServingLimits } from './request.ts';
export { NatsBus, type NatsBusOptions } from './nats/nats-bus.ts';
export { NatsConnector, type NatsLog } from './nats/nats-connector.ts';
export type { NatsSettings } from './nats/nats-settings.ts';
export { JetStreamEventStream, type JetStreamEventStreamOptions } from './nats/jetstream-event-stream.ts';
export { natsConnector, type NatsSection } from './nats/connect-nats.ts';
export { permissionsOf, type Permissions } from './nats/permissions.ts';
export {
  passwordSetting,
  passwordVariable,
  serverConfiguration,
  type ServerConfigurationOptions,
} from './nats/server-configuration.ts';
