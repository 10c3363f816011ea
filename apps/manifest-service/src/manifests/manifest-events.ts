import { Injectable } from '@nestjs/common';
import { type EventTarget, type Origin, type RegistryEvent, registryEvent } from '@longshore/messaging';
import { Database, type OutboxEvent, TrailingEvents } from '@longshore/metadata';
import type { ParsedManifest } from '@longshore/oci';
import { ManifestSettings } from '../manifest-settings.ts';
import type { Filing } from './push-rules.ts';

export interface PushFacts {
  readonly repository: string;
  readonly filing: Filing;
  readonly manifest: ParsedManifest;
  readonly size: number;
}

/** Makes events about manifests and tags, in distribution's format. Makes none if there is no listener. */
@Injectable()
export class ManifestEvents {
  readonly #pulls: TrailingEvents;

  constructor(
    database: Database,
    private readonly settings: ManifestSettings,
  ) {
    this.#pulls = new TrailingEvents(database.db);
  }

  /** Returns one event per tag, as distribution does, or one without a tag for a push by digest. */
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
    const target = { mediaType, size, length: size, digest, repository, url, ...tag };
    this.#pulls.add(this.#told('pull', target, origin));
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
