import { OciError, unavailable } from '@longshore/oci';
import { Injectable } from '@nestjs/common';

/** Limits on concurrent bodies of one process, pulls and pushes together. */
export interface TransferLimits {
  readonly limit: number;
  /** Limit per account. */
  readonly peraccount: number;
  /** Limit per client address. */
  readonly peraddress: number;
}

export const unlimited: TransferLimits = { limit: Infinity, peraccount: Infinity, peraddress: Infinity };

interface Client {
  /** Empty for anonymous clients, which are distinguished only by their addresses. */
  readonly subject: string;
  readonly address: string;
}

/**
 * The budget of a process for bodies. Each body holds bounded memory, so their number bounds the process's memory. One account or one address may use
 * only a part of it, however long its connections stall.
 */
@Injectable()
export class Transfers {
  readonly #limits: TransferLimits;
  readonly #accounts = new Map<string, number>();
  readonly #addresses = new Map<string, number>();
  readonly refused = { process: 0, account: 0, address: 0 };
  #current = 0;

  constructor(limits: TransferLimits) {
    this.#limits = limits;
  }

  get current(): number {
    return this.#current;
  }

  /**
   * @returns ends the transfer; call it once
   * @throws OciError UNAVAILABLE (503) if the process is at its limit, TOOMANYREQUESTS (429) if the client is; both with Retry-After
   */
  begin({ subject, address }: Client): () => void {
    const { limit, peraccount, peraddress } = this.#limits;
    if (this.#current >= limit) throw this.#refusal('process', limit);
    if (subject !== '' && (this.#accounts.get(subject) ?? 0) >= peraccount)
      throw this.#refusal('account', peraccount);
    if ((this.#addresses.get(address) ?? 0) >= peraddress) throw this.#refusal('address', peraddress);
    this.#current += 1;
    const leaves = [entered(this.#addresses, address)];
    if (subject !== '') leaves.push(entered(this.#accounts, subject));
    return () => {
      this.#current -= 1;
      for (const leave of leaves) leave();
    };
  }

  #refusal(whose: 'process' | 'account' | 'address', limit: number): OciError {
    this.refused[whose] += 1;
    if (whose === 'process') return unavailable({ reason: 'too many transfers at a time' }, 5);
    const reason = `too many transfers at a time for one ${whose}; ${limit} are allowed`;
    return new OciError('TOOMANYREQUESTS', { reason }, { headers: { 'retry-after': '5' } });
  }
}

function entered(counts: Map<string, number>, key: string): () => void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
  return () => {
    const left = (counts.get(key) ?? 1) - 1;
    if (left === 0) counts.delete(key);
    else counts.set(key, left);
  };
}
