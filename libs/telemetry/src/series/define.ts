export type Kind = 'counter' | 'gauge' | 'histogram';

/** One series of the exposition, as it is declared: what registers it, what it is called, and what the reference page says of it. */
export interface Series<K extends Kind = Kind, L extends string = string> {
  readonly kind: K;
  readonly name: string;
  readonly help: string;
  /** Each label with what its values are: a closed set, so that no client can make the number of series grow. */
  readonly labels: Readonly<Record<L, string>>;
  /** Upper bounds, in the unit of the name. Of a histogram. */
  readonly buckets?: readonly number[] | undefined;
  /** The services whose processes have it. */
  readonly exportedBy: readonly string[];
}

type Terms<L extends string> = Omit<Series<Kind, L>, 'kind' | 'exportedBy' | 'labels'> & {
  readonly labels?: Readonly<Record<L, string>>;
};

/** Declares the series of one subject, which these services have. */
export function seriesOf(...exportedBy: readonly string[]) {
  const declare =
    <K extends Kind>(kind: K) =>
    <L extends string = never>({ labels, ...terms }: Terms<L>): Series<K, L> => ({
      ...terms,
      kind,
      exportedBy,
      labels: labels ?? none(),
    });
  return { counter: declare('counter'), gauge: declare('gauge'), histogram: declare('histogram') };
}

function none<L extends string>(): Readonly<Record<L, string>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- without labels L is never, and its record is empty
  return {} as Readonly<Record<L, string>>;
}

/** From what a look-up takes to the longest transfer that anybody waits for. Seconds. */
export const durations = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300];
/** Bytes. */
export const sizes = [1024, 16_384, 262_144, 4_194_304, 67_108_864, 1_073_741_824];
