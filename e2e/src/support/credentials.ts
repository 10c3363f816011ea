export interface Account {
  readonly username: string;
  readonly password: string;
}

/** The accounts of the runner's configurations. */
export const alice = { username: 'alice', password: 'correct-horse' } as const satisfies Account;
export const bob = { username: 'bob', password: 'battery' } as const satisfies Account;

export function basic({ username, password }: Account): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
