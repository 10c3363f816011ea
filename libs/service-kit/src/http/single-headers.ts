import type { IncomingMessage } from 'node:http';
import { OciError, type OciErrorCode } from '@longshore/oci';

/** Headers that affect a decision and may occur only once. Node joins or drops repetitions silently, so two readers could differ. */
const refusals = new Map<string, OciErrorCode>([
  ['authorization', 'UNAUTHORIZED'],
  ['content-range', 'RANGE_INVALID'],
  ['range', 'RANGE_INVALID'],
  ['content-type', 'MANIFEST_INVALID'],
  ['content-length', 'SIZE_INVALID'],
  ['transfer-encoding', 'SIZE_INVALID'],
  ['host', 'UNSUPPORTED'],
]);

/** @throws OciError if one of these headers is repeated */
export function refuseRepeatedHeaders(request: IncomingMessage): void {
  const { rawHeaders } = request;
  let seen: string[] | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const code = refusals.get(name);
    if (code === undefined) continue;
    if (seen?.includes(name))
      throw new OciError(code, { header: name, reason: 'the header is repeated' }, { status: 400 });
    (seen ??= []).push(name);
  }
}
