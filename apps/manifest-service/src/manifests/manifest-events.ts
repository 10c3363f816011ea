import { Injectable } from '@nestjs/common';
import { type EventTarget, type Origin, type RegistryEvent, registryEvent } from '@longshore/messaging';
import { addEvents, Database, type OutboxEvent } from '@longshore/metadata';
import type { ParsedManifest } from '@longshore/oci';
import { Batcher } from '@longshore/telemetry';
import { ManifestSettings } from '../manifest-settings.ts';
import type { Filing } from './push-rules.ts';

export interface PushFacts {
  readonly repository: string;
  readonly filing: Filing;
  readonly manifest: ParsedManifest;
  readonly size: number;
}

/** What is told of manifests and tags, in distribution's words. Nothing, where nobody listens. */
@Injectable()
export class ManifestEvents {
  /** Pulls are told of together, behind the answer: a pull changes nothing, so nothing is lost with its event but the event. */
  readonly #pulls = new Batcher<OutboxEvent, void>({
    run: async (events) => {
      await addEvents(this.database.db, events);
      return events.map(() => undefined);
    },
    maximumKeys: 200,
    inFlight: 1,
  });

  constructor(
    private readonly database: Database,
    private readonly settings: ManifestSettings,
  ) {}

  /** One event for each tag, as distribution sends them; one without a tag for a push by digest. */
  pushed({ repository, filing, manifest, size }: PushFacts, origin: Origin): readonly OutboxEvent[] {
    const { digest, tags } = filing;
    const url = `${origin.baseUrl}/v2/${repository}/manifests/${digest}`;
    const references = this.settings.includeReferences ? { references: referencesOf(manifest) } : {};
    const target: EventTarget = {
      mediaType: manifest.mediaType,
      size,
      length: size,
      digest,
      repository,
      url,
      ...references,
    };
    return tags.length === 0
      ? this.#told('push', target, origin)
      : tags.flatMap((tag) => this.#told('push', { ...target, tag }, origin));
  }

  deleted(target: EventTarget, origin: Origin): readonly OutboxEvent[] {
    return this.#told('delete', target, origin);
  }

  announcePull(
    pulled: { repository: string; reference: string; digest: string; mediaType: string; size: number },
    origin: Origin,
  ): void {
    const { repository, reference, digest, mediaType, size } = pulled;
    const url = `${origin.baseUrl}/v2/${repository}/manifests/${digest}`;
    const tag = reference.includes(':') ? {} : { tag: reference };
    for (const event of this.#told(
      'pull',
      { mediaType, size, length: size, digest, repository, url, ...tag },
      origin,
    )) {
      // A pull whose event cannot be written is still a pull; the database's failure is logged by whoever needs it.
      this.#pulls.get(event).catch(() => undefined);
    }
  }

  #told(action: RegistryEvent['action'], target: EventTarget, origin: Origin): readonly OutboxEvent[] {
    if (!this.settings.announces) return [];
    const event = registryEvent(action, target, origin);
    return [{ id: event.id, data: event }];
  }
}

function referencesOf({ config, layers, manifests }: ParsedManifest): NonNullable<EventTarget['references']> {
  return [...(config === undefined ? [] : [config]), ...layers, ...manifests].map(
    ({ mediaType, size, digest }) => ({ mediaType, size, digest }),
  );
}
