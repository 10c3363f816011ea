import { type BusService, busServices } from '@longshore/messaging';

/** The file with a service's password for the bus. */
export const busSecret = (service: BusService): string => `nats-${service}`;

/** Every bus password as the variables of the nats-server's configuration; made from the others. */
export const busPasswords = 'nats-passwords.conf';

/** What seals passwords and tokens on the bus, and the client's facts between api-gateway and blob-service. */
export const servicesSecret = 'services-secret';

/** What every deployment of several services needs. */
const shared = ['http-secret', servicesSecret, ...busServices.map(busSecret)];

/** Made at random, by deployment. */
export const secretNames = {
  cluster: shared,
  compose: [...shared, 'postgres-password', 's3-secret-key', 'azure-account-key'],
};
