import { describeDisruption, servicesOf } from './support/describe-disruption.ts';
import { backing, replicatedRelease } from './support/releases.ts';
import { settings } from './support/settings.ts';

const release = await replicatedRelease();
const servers = ['postgres', 'nats'].map((component) => ({
  component,
  namespace: backing.namespace,
  replicas: 1,
}));

describeDisruption('two replicas of each service', {
  release,
  kinds: [...servicesOf(release), ...servers],
  seconds: settings.disruptionSeconds,
});
