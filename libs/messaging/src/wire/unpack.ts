import { MalformedFrameError } from './frame.ts';
import { maximumDepth } from './pack.ts';

/**
 * Puts attachments back in their places. Takes them from `attachments` in order, one per path.
 * @throws MalformedFrameError if a path does not lead to an own, empty place, or if no attachment is left for it.
 */
export function unpack(packed: unknown, attachments: Iterator<Uint8Array>): unknown {
  if (!Array.isArray(packed) || packed.length === 0) throw new MalformedFrameError('a value is missing');
  const root: { 0: unknown } = { 0: packed[0] };
  for (const path of packed.slice(1)) {
    const next = attachments.next();
    if (next.done === true) throw new MalformedFrameError('an attachment is missing');
    place(root, path, next.value);
  }
  return root[0];
}

function place(root: object, path: unknown, bytes: Uint8Array): void {
  if (!Array.isArray(path) || path.length > maximumDepth) throw new MalformedFrameError('not a path');
  let parent: object = root;
  let step: unknown = 0;
  for (const next of path) {
    const child = own(parent, step);
    if (typeof child !== 'object' || child === null) throw new MalformedFrameError('a path leads nowhere');
    parent = child;
    step = next;
  }
  if (own(parent, step) !== null) throw new MalformedFrameError('a path leads to a taken place');
  Object.defineProperty(parent, key(step), {
    value: bytes,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

// Own properties only: a path must not reach a prototype.
function own(parent: object, step: unknown): unknown {
  const name = key(step);
  return Object.hasOwn(parent, name) ? Reflect.get(parent, name) : undefined;
}

function key(step: unknown): string | number {
  if (typeof step !== 'string' && typeof step !== 'number') throw new MalformedFrameError('not a path');
  return step;
}
