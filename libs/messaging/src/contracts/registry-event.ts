import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { EventAction } from '@longshore/configuration';
import { eventId } from './event-id.ts';

/** An event of a repository, with the fields of distribution's notification envelope (notifications/event.go). */
export interface RegistryEvent {
  readonly id: string;
  /** RFC 3339, with the precision of the clock. */
  readonly timestamp: string;
  readonly action: EventAction;
  readonly target: EventTarget;
  readonly request: EventRequest;
  readonly actor: { readonly name?: string };
  readonly source: { readonly addr: string; readonly instanceID: string };
}

export interface EventTarget {
  readonly mediaType?: string;
  readonly size?: number;
  readonly digest?: string;
  readonly length?: number;
  readonly repository: string;
  readonly fromRepository?: string;
  readonly url?: string;
  readonly tag?: string;
  readonly references?: readonly {
    readonly mediaType: string;
    readonly size: number;
    readonly digest: string;
  }[];
}

export interface EventRequest {
  readonly id: string;
  readonly addr: string;
  readonly host: string;
  readonly method: string;
  readonly useragent: string;
}

/** The actor and the request behind a change. Every command carries it, so that the event can name them. */
export interface Origin {
  readonly actor: string;
  readonly request: EventRequest;
  /** `https://registry.example`, as the client addressed us. Empty if unknown. */
  readonly baseUrl: string;
}

/** Identifies this process as the `source` of its events. */
const source = { addr: hostname(), instanceID: randomUUID() };

export function registryEvent(
  action: RegistryEvent['action'],
  target: EventTarget,
  { actor, request }: Origin,
): RegistryEvent {
  return {
    id: eventId(),
    timestamp: new Date().toISOString(),
    action,
    target,
    request,
    actor: actor === '' ? {} : { name: actor },
    source,
  };
}
