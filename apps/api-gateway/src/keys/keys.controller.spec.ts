import { InProcessBus, signingKeys } from '@longshore/messaging';
import { describe, expect, it } from 'vitest';
import { KeysController } from './keys.controller.ts';

const key = { kty: 'EC', kid: 'one' };

async function serving(...answers: readonly (readonly object[])[]) {
  const bus = new InProcessBus();
  let asked = 0;
  bus.serve(signingKeys, async () => {
    const keys = answers[asked] ?? [];
    asked += 1;
    return { keys: keys.map(() => key) };
  });
  await bus.start();
  return { controller: new KeysController(bus), asked: () => asked, bus };
}

describe('GET /.well-known/jwks.json', () => {
  it('asks auth-service once for many clients', async () => {
    const { controller, asked } = await serving([key]);
    const answers = await Promise.all([controller.keys(), controller.keys(), controller.keys()]);
    expect(answers).toEqual([{ keys: [key] }, { keys: [key] }, { keys: [key] }]);
    expect(asked()).toBe(1);
  });

  it('answers 404 if the registry issues no tokens', async () => {
    const { controller } = await serving([]);
    await expect(controller.keys()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('answers 503 while auth-service is away, and asks again', async () => {
    const bus = new InProcessBus();
    const controller = new KeysController(bus);
    await expect(controller.keys()).rejects.toMatchObject({ status: 503 });
    bus.serve(signingKeys, async () => ({ keys: [key] }));
    await bus.start();
    expect(await controller.keys()).toEqual({ keys: [key] });
  });
});
