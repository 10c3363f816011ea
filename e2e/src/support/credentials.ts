/** The accounts of the runner's configurations. */
export const alice = { username: 'alice', password: 'correct-horse' } as const;
export const bob = { username: 'bob', password: 'battery' } as const;

export function basic({
  username,
  password,
}: {
  readonly username: string;
  readonly password: string;
}): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
