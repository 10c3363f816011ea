import { imageOf } from './probe-pods.ts';
import { settings } from './settings.ts';

/** Returns the place of an image from `npm run images`, in skopeo's notation. */
export function localImage(name: string): string {
  return settings.imageLayout === ''
    ? `docker-daemon:${imageOf(name)}`
    : `oci:${settings.imageLayout}:${name}`;
}
