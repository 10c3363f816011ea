/** Milliseconds. */
export interface Patience {
  /** A replica that lets a request wait for so long is asked whether it answers at all. */
  readonly suspicion: number;
  /** One that does not answer that question for so long is taken out. */
  readonly pulse: number;
  /** One that has been out for so long is not waited for any more, by nobody. */
  readonly end: number;
}

export const patience: Patience = { suspicion: 1_000, pulse: 2_000, end: 15_000 };
