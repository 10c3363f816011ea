/** Milliseconds. */
export interface Patience {
  /** Wait of a request after which its replica is probed. */
  readonly suspicion: number;
  /** Time without an answer to the probe after which the replica is taken out. */
  readonly pulse: number;
  /** Time out of service after which no request waits for the replica any more. */
  readonly end: number;
}

export const patience: Patience = { suspicion: 1_000, pulse: 2_000, end: 15_000 };
