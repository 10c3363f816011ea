interface KeyTimes {
  readonly kid: string;
  readonly publicJwk: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
  readonly signsFrom: Date;
  readonly retiredAt: Date | undefined;
}

/** A signing key as people see it. */
export interface KeyState {
  readonly kid: string;
  readonly algorithm: string;
  readonly created: Date;
  /** `signs` now, `next`: signs from `signsFrom`, or `verifies` tokens that it signed. */
  readonly state: 'next' | 'signs' | 'verifies';
  readonly signsFrom: Date;
}

/** The newest key that may sign does; older ones verify. A key alone signs at once. @param keys all, the newest first */
export function keyStates(keys: readonly KeyTimes[]): KeyState[] {
  const active = keys.filter(({ retiredAt }) => retiredAt === undefined);
  const signing = active.find(({ signsFrom }) => signsFrom.getTime() <= Date.now()) ?? active.at(-1);
  const before = signing === undefined ? keys.length : keys.indexOf(signing);
  return keys.map(({ kid, publicJwk, createdAt, signsFrom }, index) => ({
    kid,
    algorithm: String(publicJwk['alg']),
    created: createdAt,
    state: index === before ? 'signs' : index < before ? 'next' : 'verifies',
    signsFrom,
  }));
}
