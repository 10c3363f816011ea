import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { OciError, parseManifest, type ParsedManifest } from '@longshore/oci';
import { Tinypool } from 'tinypool';
import { ManifestSettings } from '../manifest-settings.ts';
import { type ManifestToParse, parse, type ParseOutcome, parseThread } from './parse-thread.ts';

/** Bytes. Nearly all manifests are smaller, and parsing them takes less time than the round trip to a thread. */
const inlineBytes = 128 * 1024;

/**
 * Parses manifests under the operator's limits. A large one is parsed on a thread: ten thousand references take a tenth of a second, which would
 * block the event loop.
 */
@Injectable()
export class ManifestParser implements OnApplicationShutdown {
  #threads: Tinypool | undefined;

  constructor(private readonly settings: ManifestSettings) {}

  /** @throws OciError MANIFEST_INVALID or DIGEST_INVALID */
  async parse(payload: Uint8Array, contentType: string): Promise<ParsedManifest> {
    const { limits } = this.settings;
    if (payload.byteLength <= inlineBytes) return parseManifest(payload, contentType, limits);
    this.#threads ??= new Tinypool({
      filename: parseThread,
      minThreads: 0,
      maxThreads: 2,
      idleTimeout: 10_000,
    });
    // Transfers a copy to the thread, because the payload itself goes to the database.
    const bytes = new Uint8Array(payload);
    const task: ManifestToParse = { bytes, contentType, limits };
    const outcome: ParseOutcome = await this.#threads.run(task, {
      name: parse.name,
      transferList: [bytes.buffer],
    });
    if ('refused' in outcome) throw OciError.from(outcome.refused);
    return outcome.parsed;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#threads?.destroy();
  }
}
