import { Injectable } from '@nestjs/common';
import { type EventTarget, type Origin, type RegistryEvent, registryEvent } from '@longshore/messaging';
import type { OutboxEvent } from '@longshore/metadata';
import type { Digest } from '@longshore/oci';
import { BlobSettings } from '../blob-settings.ts';

interface BlobFacts {
  readonly repository: string;
  readonly digest: Digest;
  readonly size: number;
}

const mediaType = 'application/octet-stream';

/** Builds the events of blobs in distribution's format. Builds none if nobody listens. */
@Injectable()
export class BlobEvents {
  constructor(private readonly settings: BlobSettings) {}

  pushed(blob: BlobFacts, origin: Origin): readonly OutboxEvent[] {
    return this.#told('push', described(blob, origin), origin);
  }

  pulled(blob: BlobFacts, origin: Origin): readonly OutboxEvent[] {
    return this.settings.announcesPulls ? this.#told('pull', described(blob, origin), origin) : [];
  }

  mounted(
    blob: { repository: string; fromRepository: string; digest: Digest },
    origin: Origin,
  ): readonly OutboxEvent[] {
    return this.#told('mount', { mediaType, ...blob, url: urlOf(blob, origin) }, origin);
  }

  deleted(blob: { repository: string; digest: Digest }, origin: Origin): readonly OutboxEvent[] {
    return this.#told('delete', blob, origin);
  }

  #told(action: RegistryEvent['action'], target: EventTarget, origin: Origin): readonly OutboxEvent[] {
    if (!this.settings.announces) return [];
    const event = registryEvent(action, target, origin);
    return [{ id: event.id, data: event }];
  }
}

function described(blob: BlobFacts, origin: Origin): EventTarget {
  return {
    mediaType,
    size: blob.size,
    length: blob.size,
    digest: blob.digest,
    repository: blob.repository,
    url: urlOf(blob, origin),
  };
}

function urlOf({ repository, digest }: { repository: string; digest: Digest }, { baseUrl }: Origin): string {
  return `${baseUrl}/v2/${repository}/blobs/${digest}`;
}
