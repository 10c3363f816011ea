export { Bus, type Handler, type RequestOptions, type ServeContext } from './bus.ts';
export * from './contracts/index.ts';
export { EventStream, type EventHandler, type StreamEvent } from './event-stream.ts';
export { InProcessBus, type InProcessBusOptions } from './in-process/in-process-bus.ts';
export {
  InProcessEventStream,
  type InProcessEventStreamOptions,
} from './in-process/in-process-event-stream.ts';
export { defineRequest, type Request, type ServingLimits } from './request.ts';
