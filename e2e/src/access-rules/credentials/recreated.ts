import { tinyImage } from '@longshore/testing';
import { type Credentials, user } from '../../support/access-matrix.ts';
import { alice } from '../../support/credentials.ts';
import { doorsTo, untilRefused } from '../../support/doors.ts';
import { expectStatus } from '../../support/expectations.ts';
import { clientOf } from '../../support/target.ts';
import { scopedToken } from './scoped-tokens.ts';

/** A repository that was deleted and pushed again, and one that was only deleted. */
export const [recreated, deleted] = ['team/again', 'team/gone'] as const;

/** Deletes repositories, pushes one of them again, and returns tokens from before. */
export async function tokensFromBefore(): Promise<Credentials[]> {
  const maintainer = clientOf(alice);
  const image = tinyImage({ content: 'from before' });
  for (const name of [recreated, deleted]) await maintainer.pushImage(name, image, 'latest');
  const wanted = { account: alice, holder: user('alice') };
  const [gone, others] = [
    [`repository:${recreated}:*`, `repository:${deleted}:*`],
    ['repository:team/app:pull'],
  ];
  const before = await scopedToken({ ...wanted, name: 'a token from before the deletion', scopes: gone });
  const wider = await scopedToken({
    ...wanted,
    name: 'a token from before the deletion, for another repository as well',
    scopes: [...gone, ...others],
  });
  const doors = await doorsTo(recreated, image);
  for (const name of [recreated, deleted])
    expectStatus(await maintainer.delete(`/v2/${name}/manifests/${image.digest}`), 202);
  await untilRefused(doors, before.authorization ?? '');
  await maintainer.pushImage(recreated, tinyImage({ content: 'from after' }), 'latest');
  return [
    { ...before, holder: 'refused' },
    { ...wider, scopes: others },
  ];
}
