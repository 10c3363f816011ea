import { Controller, Module, type OnModuleInit } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, type MicroserviceOptions } from '@nestjs/microservices';
import { afterEach, describe, expect, it } from 'vitest';
import { Bus } from './bus.ts';
import { BusServer } from './bus-server.ts';
import { InProcessBus } from './in-process/in-process-bus.ts';
import { defineRequest } from './request.ts';

const greet = defineRequest<{ name: string }, { text: string }>({
  subject: 'test.greet',
  servedBy: 'manifest-service',
  askedBy: ['api-gateway'],
  deadlineMs: 1_000,
});

@Module({})
class GreetingsModule implements OnModuleInit {
  constructor(private readonly bus: Bus) {}

  onModuleInit(): void {
    this.bus.serve(greet, async ({ name }) => ({ text: `hello ${name}` }));
  }
}

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

  async function serving(module: typeof GreetingsModule | typeof StrayModule, bus: Bus) {
    const application = await NestFactory.createMicroservice<MicroserviceOptions>(
      { module, providers: [{ provide: Bus, useValue: bus }] },
      { strategy: new BusServer(bus), logger: false, abortOnError: false },
    );
    await application.listen();
    closing.push(application);
    return application;
  }

  it('starts the bus when the modules have registered their handlers', async () => {
    const bus = new InProcessBus();
    await serving(GreetingsModule, bus);
    expect(await bus.request(greet, { name: 'world' })).toEqual({ text: 'hello world' });
  });

  it('closes the bus with the application', async () => {
    const bus = new InProcessBus();
    const application = await serving(GreetingsModule, bus);
    await application.close();
    await expect(bus.request(greet, { name: 'world' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('reports why the bus cannot start', async () => {
    class Unable extends InProcessBus {
      override start(): Promise<void> {
        return Promise.reject(new Error('max_payload is too small'));
      }
    }
    await expect(serving(GreetingsModule, new Unable())).rejects.toThrow('max_payload is too small');
  });

  it('refuses methods without a contract', async () => {
    await expect(serving(StrayModule, new InProcessBus())).rejects.toThrow('stray has no contract');
  });
});
