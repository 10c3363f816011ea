import { driverParameters, InstrumentedDriver } from '@longshore/storage';
import {
  type AzuriteServer,
  type FaultProxy,
  startAzurite,
  startFaultProxy,
} from '@longshore/testing/stores';
import { AzureDriver } from '../azure-driver.ts';
import { azureParameters } from '../azure-parameters.ts';

/** Azurite behind a proxy that injects faults, and drivers that use the proxy. */
export interface AzuriteBehindProxy {
  readonly server: AzuriteServer;
  readonly proxy: FaultProxy;
  /** Opens a new driver with these additional parameters. */
  open(parameters?: Readonly<Record<string, unknown>>): Promise<InstrumentedDriver>;
  stop(): Promise<void>;
}

export async function startAzuriteBehindProxy(): Promise<AzuriteBehindProxy> {
  const server = await startAzurite();
  const { origin, pathname } = new URL(server.endpoint);
  const proxy = await startFaultProxy(origin);
  const usual = {
    serviceurl: proxy.origin + pathname,
    accountname: server.accountName,
    accountkey: server.accountKey,
    container: server.container,
    retry_delay: 10,
  };
  return {
    server,
    proxy,
    open: async (parameters = {}) =>
      new InstrumentedDriver(
        await AzureDriver.open(driverParameters(azureParameters, { ...usual, ...parameters })),
      ),
    stop: async () => {
      await proxy.stop();
      await server.stop();
    },
  };
}
