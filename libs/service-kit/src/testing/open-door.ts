import 'reflect-metadata';
import { Module, type Provider, type Type } from '@nestjs/common';
import { createLogger } from '@longshore/telemetry';
import { PolicyRights, Rights } from '@longshore/authorization';
import { Authenticator, NoAuthentication } from '../access/authenticator.ts';
import { createHttpApplication } from '../bootstrap/http-application.ts';
import type { TlsListener } from '../bootstrap/tls-options.ts';
import { FrontSettings } from '../http/front-settings.ts';
import { type RequestOutcome, RequestObserver } from '../http/request-observer.ts';
import { Transfers, unlimited } from '../http/transfers.ts';
import { noRateLimits, RateLimits, type RateRules } from '../limits/rate-limits.ts';
import { ServiceLog } from '../observation/service-log.ts';
import { ServiceKitModule } from '../service-kit.module.ts';

export interface DoorOptions {
  /** Objects whose methods carry `@Endpoint`. */
  readonly endpoints: readonly object[];
  /** Default: every client is anonymous. */
  readonly authenticator?: Authenticator;
  readonly front?: FrontSettings;
  readonly transfers?: Transfers;
  /** Default: none. */
  readonly limits?: RateRules;
  /** Nest controllers beside the endpoints. */
  readonly controllers?: readonly Type[];
  /** Providers for the controllers. */
  readonly providers?: readonly Provider[];
  readonly log?: ServiceLog;
  /** Default: plain HTTP. */
  readonly tls?: TlsListener | undefined;
}

export interface OpenDoor {
  readonly origin: string;
  /** Every completed request, oldest first. */
  readonly outcomes: readonly RequestOutcome[];
  close(): Promise<void>;
}

/** Starts a service's HTTP server on a free port, real except for the adapters behind its endpoints. */
export async function openDoor({
  endpoints,
  authenticator = new NoAuthentication(),
  front = new FrontSettings(),
  transfers = new Transfers(unlimited),
  limits = noRateLimits,
  controllers = [],
  providers = [],
  log = new ServiceLog(createLogger({ level: 'silent' })),
  tls,
}: DoorOptions): Promise<OpenDoor> {
  const observer = new Outcomes();
  const module = {
    module: DoorModule,
    global: true,
    controllers: [...controllers],
    imports: [ServiceKitModule.forRoot({ front, transfers })],
    providers: [
      ...providers,
      { provide: Authenticator, useValue: authenticator },
      { provide: Rights, useClass: PolicyRights },
      { provide: RequestObserver, useValue: observer },
      { provide: ServiceLog, useValue: log },
      { provide: RateLimits, useValue: new RateLimits({ rules: limits }) },
      ...endpoints.map((endpoint) => ({ provide: Symbol('endpoints'), useValue: endpoint })),
    ],
    exports: [Authenticator, Rights, RequestObserver, ServiceLog, RateLimits],
  };
  const app = await createHttpApplication({
    module,
    logger: false,
    ...(tls === undefined ? {} : { tls }),
    serves: { endpoints: [], controllers: [] },
  });
  await app.listen(0, '127.0.0.1');
  return {
    origin: (await app.getUrl()).replace(/^https?/, tls === undefined ? 'http' : 'https'),
    outcomes: observer.outcomes,
    close: async () => {
      app.getHttpServer().closeAllConnections();
      await app.close();
    },
  };
}

@Module({})
class DoorModule {}

class Outcomes extends RequestObserver {
  readonly outcomes: RequestOutcome[] = [];

  override started(): void {
    // Only the outcome of requests matters here.
  }

  override observe(outcome: RequestOutcome): void {
    this.outcomes.push(outcome);
  }
}
