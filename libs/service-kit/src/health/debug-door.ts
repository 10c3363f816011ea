import { OciError } from '@longshore/oci';
import { Door } from '../http/door.ts';
import type { Exchange } from '../http/exchange.ts';
import { bytes, json, type Reply } from '../http/reply.ts';
import type { Readiness } from './readiness.ts';

/** The Prometheus exposition. */
export interface Exposition {
  readonly path: string;
  readonly contentType: string;
  render(): Promise<string>;
}

/** `/health/live`, `/health/ready`, `/health/ready/push`, and metrics where they are switched on. */
export class DebugDoor extends Door {
  readonly #answers: ReadonlyMap<string, () => Promise<Reply>>;

  constructor(readiness: Readiness, exposition: Exposition | undefined) {
    super();
    this.#answers = new Map([
      ['/health/live', () => Promise.resolve(json({ status: 'live' }))],
      ['/health/ready', () => readinessReply(readiness, 'all')],
      ['/health/ready/push', () => readinessReply(readiness, 'pushes')],
      ...(exposition === undefined ? [] : [[exposition.path, () => metricsReply(exposition)] as const]),
    ]);
  }

  override async answer(exchange: Exchange): Promise<Reply> {
    const { method, url = '/' } = exchange.request;
    const [path = '/'] = url.split('?', 1);
    const answer = this.#answers.get(path);
    if (answer === undefined) throw new OciError('NOT_FOUND', { path: path.slice(0, 256) });
    exchange.handler = path;
    if (method !== 'GET' && method !== 'HEAD')
      throw new OciError('UNSUPPORTED', { method }, { headers: { allow: 'GET, HEAD' } });
    return answer();
  }
}

async function metricsReply(exposition: Exposition): Promise<Reply> {
  const text = await exposition.render();
  return bytes(200, Buffer.from(text), { 'content-type': exposition.contentType });
}

const stateOf = (missing: Record<string, string>) =>
  Object.keys(missing).length === 0 ? { status: 'ready' } : { status: 'not ready', missing };

/** Reports the readiness for all work and for pushes, which may need more. The status of `/health/ready` is that of pulls. */
async function readinessReply(readiness: Readiness, work: 'all' | 'pushes'): Promise<Reply> {
  const [missing, forPushes, warnings] = await Promise.all([
    readiness.missing(),
    readiness.missingForPushes(),
    readiness.warnings(),
  ]);
  const asked = stateOf(work === 'pushes' ? forPushes : missing);
  const warned = Object.keys(warnings).length === 0 ? {} : { warnings };
  const document = { ...asked, pushes: stateOf(forPushes), ...warned, ...readiness.facts };
  return { ...json(document), status: asked.status === 'ready' ? 200 : 503 };
}
