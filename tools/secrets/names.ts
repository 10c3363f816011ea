import { type BusService, busServices } from '@longshore/messaging';

/** The file with a service's password for the bus. */
export const busSecret = (service: BusService): string => `nats-${service}`;

/** Every bus password as variables of the nats-server's configuration. Made from the other files. */
export const busPasswords = 'nats-passwords.conf';

/** Seals passwords and tokens on the bus, and the client's address and URL between api-gateway and blob-service. */
export const servicesSecret = 'services-secret';

/** Secrets that every deployment with several services needs. */
const shared = ['http-secret', servicesSecret, ...busServices.map(busSecret)];

/** Random secrets, by deployment. */
export const secretNames = {
  cluster: shared,
  compose: [...shared, 'postgres-password', 's3-secret-key', 'azure-account-key'],
};
