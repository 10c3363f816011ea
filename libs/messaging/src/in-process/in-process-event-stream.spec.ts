import { describeEventStream } from '../testing/event-stream.contract.ts';
import { InProcessEventStream } from './in-process-event-stream.ts';

describeEventStream(
  'in process',
  async () => new InProcessEventStream({ delayAfter: () => 10, log: { warn: () => undefined } }),
);
