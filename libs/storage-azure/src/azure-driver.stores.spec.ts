import { startAzuriteBehindProxy } from './testing/azurite.ts';
import { describeStorageDriver } from '@longshore/storage/testing';

describeStorageDriver('azure', async () => {
  const azurite = await startAzuriteBehindProxy();
  const { proxy } = azurite;
  const parameters = { rootdirectory: '/a root/' };
  const breakAppend = (): (() => void) => {
    proxy.fault = ({ method }) => (method === 'PUT' ? { kind: 'cutRequest', after: 1024 * 1024 } : undefined);
    return () => {
      proxy.fault = undefined;
    };
  };
  return {
    driver: await azurite.open(parameters),
    other: await azurite.open(parameters),
    breakAppend,
    dispose: () => azurite.stop(),
  };
});
