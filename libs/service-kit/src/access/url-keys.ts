import { type KeySet, KeySource, readKeySet } from '@longshore/authorization';
import type { Egress } from '../egress/egress.ts';

/** Fetches the JWK set of an external token server from its URL. The caller limits how often (Keyring), the egress client size, time and addresses. */
export class UrlKeys extends KeySource {
  readonly #egress: Egress;
  readonly #url: string;

  constructor(egress: Egress, url: string) {
    super();
    this.#egress = egress;
    this.#url = url;
  }

  /** @throws EgressError; Error for another status than 200, or an answer that is no JWK set */
  override async keys(): Promise<KeySet> {
    const answer = await this.#egress.fetch(this.#url);
    if (answer.status !== 200) throw new Error(`the token server answered ${answer.status}`);
    return { keys: await readKeySet(await answer.text(), 'the answer of the token server') };
  }
}

/** The keys of several places. All of them must answer: with a part of the keys, tokens of the others would be refused rather than tried again. */
export class JoinedKeys extends KeySource {
  readonly #sources: readonly KeySource[];

  constructor(sources: readonly KeySource[]) {
    super();
    this.#sources = sources;
  }

  override async keys(): Promise<KeySet> {
    const sets = await Promise.all(this.#sources.map((source) => source.keys()));
    return { keys: sets.flatMap(({ keys }) => keys), anchors: sets.flatMap(({ anchors = [] }) => anchors) };
  }
}
