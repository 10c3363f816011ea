import { imageOf } from './probe-pods.ts';
import { settings } from './settings.ts';

/** Where `npm run images` has left one, as skopeo names places. */
export function localImage(name: string): string {
  return settings.imageLayout === ''
    ? `docker-daemon:${imageOf(name)}`
    : `oci:${settings.imageLayout}:${name}`;
}
