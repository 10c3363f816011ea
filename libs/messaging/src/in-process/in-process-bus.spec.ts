import { Metrics } from '@longshore/telemetry';
import { describeBus } from '../testing/bus.contract.ts';
import { InProcessBus } from './in-process-bus.ts';

describeBus('in process', async () => {
  const logged: unknown[] = [];
  const metrics = new Metrics({ service: 'standalone' });
  const bus = new InProcessBus({ metrics, log: { error: (fields: unknown) => void logged.push(fields) } });
  return { asker: bus, server: bus, logged, metrics };
});
