import {
  Controller,
  Injectable,
  Module,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, type MicroserviceOptions } from '@nestjs/microservices';
import { OciError } from '@longshore/oci';
import { afterEach, describe, expect, it } from 'vitest';
import type { ServeContext } from '../bus.ts';
import { InProcessBus } from '../in-process/in-process-bus.ts';
import { defineRequest } from '../request.ts';
import { BusServer } from './bus-server.ts';
import { Serves } from './serves.decorator.ts';

const parties = { servedBy: 'manifest-service', askedBy: ['api-gateway'] } as const;
const greet = defineRequest<{ name: string }, { text: string }>({
  subject: 'test.greet',
  ...parties,
  deadlineMs: 1_000,
});
const refuse = defineRequest<string, never>({ subject: 'test.refuse', ...parties, deadlineMs: 1_000 });
const guarded = defineRequest<string, string>({ subject: 'test.guarded', ...parties, deadlineMs: 1_000 });
const wait = defineRequest<null, never>({ subject: 'test.wait', ...parties, deadlineMs: 1_000 });

const heard = Promise.withResolvers<unknown>();

@Injectable()
class Greetings {
  readonly word = 'hello';
}

@Injectable()
class OnlyFriends implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToRpc().getData<string>() === 'friend';
  }
}

@Controller()
class GreetingsController {
  readonly #greetings: Greetings;
  constructor(greetings: Greetings) {
    this.#greetings = greetings;
  }

  @Serves(greet)
  async greet({ name }: { name: string }) {
    return { text: `${this.#greetings.word} ${name}` };
  }

  @Serves(refuse)
  async refuse(why: string): Promise<never> {
    throw why === 'fault' ? new Error('canary') : new OciError('DENIED', { why });
  }

  @Serves(guarded)
  @UseGuards(OnlyFriends)
  async guarded(name: string) {
    return name;
  }

  @Serves(wait)
  wait(_nothing: null, { signal }: ServeContext): Promise<never> {
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        heard.resolve(signal.reason);
        reject(signal.reason);
      });
    });
  }
}

@Module({ controllers: [GreetingsController], providers: [Greetings] })
class GreetingsModule {}

@Controller()
class StrayController {
  @MessagePattern('stray')
  stray() {
    return 1;
  }
}

@Module({ controllers: [StrayController] })
class StrayModule {}

describe('BusServer', () => {
  const closing: { close(): Promise<unknown> }[] = [];
  afterEach(() => Promise.all(closing.splice(0).map((application) => application.close())));

  async function serving(module: object) {
    const logged: unknown[] = [];
    const bus = new InProcessBus({ log: { error: (fields: unknown) => void logged.push(fields) } });
    const strategy = new BusServer(bus);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Nest's own parameter type is `any`
    const application = await NestFactory.createMicroservice<MicroserviceOptions>(module as never, {
      strategy,
      logger: false,
    });
    await application.listen();
    closing.push(application);
    return { bus, strategy, logged };
  }

  it('answers with what a controller method returns, its dependencies injected', async () => {
    const { bus, strategy } = await serving(GreetingsModule);
    expect(await bus.request(greet, { name: 'world' })).toEqual({ text: 'hello world' });
    expect(strategy.unwrap()).toBe(bus);
  });

  it('lets errors reach the bus as they are', async () => {
    const { bus, logged } = await serving(GreetingsModule);
    await expect(bus.request(refuse, 'x')).rejects.toMatchObject({
      code: 'DENIED',
      entries: [{ detail: { why: 'x' } }],
    });
    expect(logged).toEqual([]);
    await expect(bus.request(refuse, 'fault')).rejects.toMatchObject({ code: 'UNKNOWN' });
    expect(logged).toMatchObject([{ err: { message: 'canary' } }]);
  });

  it('applies guards', async () => {
    const { bus } = await serving(GreetingsModule);
    expect(await bus.request(guarded, 'friend')).toBe('friend');
    await expect(bus.request(guarded, 'stranger')).rejects.toMatchObject({ code: 'UNKNOWN' });
  });

  it('hands the signal of the question over', async () => {
    const { bus } = await serving(GreetingsModule);
    const controller = new AbortController();
    const asked = bus.request(wait, null, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('the client left')), 5);
    await expect(asked).rejects.toThrow('the client left');
    expect(await heard.promise).toBe(controller.signal.reason);
  });

  it('refuses handlers without a contract', async () => {
    await expect(serving(StrayModule)).rejects.toThrow('stray has no contract');
  });
});
