/**
 * A value prepared for a frame. `text` is the JSON of `[value, ...paths]`. Each path leads to a `null` in `value`, which stands for the attachment at
 * the same position. Paths stand beside the value instead of markers inside it, so that no value can be mistaken for a marker.
 */
export interface Packed {
  readonly text: string;
  readonly attachments: readonly Uint8Array[];
}

type Step = string | number;

/** Most nesting of values, on both sides. The limit also ends the walk on a cycle. */
export const maximumDepth = 64;

/** @throws TypeError if the value is nested too deep, has a cycle, or is not JSON (a BigInt). */
export function pack(value: unknown): Packed {
  const attachments: Uint8Array[] = [];
  const paths: Step[][] = [];
  const plain = lift(value, [], { attachments, paths });
  return { text: JSON.stringify([plain ?? null, ...paths]), attachments };
}

interface Lifted {
  readonly attachments: Uint8Array[];
  readonly paths: Step[][];
}

// Copies only the objects that lead to bytes. Returns a value without bytes unchanged.
function lift(value: unknown, path: Step[], lifted: Lifted): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) {
    lifted.attachments.push(value);
    lifted.paths.push([...path]);
    return null;
  }
  if (path.length >= maximumDepth) throw new TypeError('the value is nested too deep for the bus');
  if (Array.isArray(value)) return liftItems(value, path, lifted);
  return 'toJSON' in value ? value : liftFields(value, path, lifted);
}

function liftItems(items: readonly unknown[], path: Step[], lifted: Lifted): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (const [index, item] of items.entries()) {
    path.push(index);
    const plain = lift(item, path, lifted);
    path.pop();
    if (plain !== item) (copy ??= [...items])[index] = plain;
  }
  return copy ?? items;
}

function liftFields(fields: object, path: Step[], lifted: Lifted): object {
  let copy: Record<string, unknown> | undefined;
  for (const [name, field] of Object.entries(fields)) {
    if (typeof field !== 'object' || field === null) continue;
    path.push(name);
    const plain = lift(field, path, lifted);
    path.pop();
    if (plain !== field) (copy ??= { ...fields })[name] = plain;
  }
  return copy ?? fields;
}
