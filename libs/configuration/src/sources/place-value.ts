import type { Value } from './document.ts';

/** A key of a section or map, or an index of a list. */
export type Step = string | number;

export function isRecord(value: unknown): value is Record<string, Value> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Puts a value at the path, and creates missing containers on the way. @returns false if an index would leave a gap */
export function place(root: Record<string, Value>, steps: readonly Step[], value: Value): boolean {
  let container: Record<string, Value> | Value[] = root;
  for (const [at, step] of steps.entries()) {
    const following = steps[at + 1];
    const next: Value = following === undefined ? value : stepped(get(container, step), following);
    if (!set(container, step, next)) return false;
    if (typeof next !== 'object' || next === null) return true;
    container = next;
  }
  return true;
}

/** Returns the container for the next step: the existing one if it fits, otherwise a new one. */
function stepped(current: Value, following: Step): Record<string, Value> | Value[] {
  if (typeof following === 'number') return Array.isArray(current) ? current : [];
  return isRecord(current) ? current : {};
}

function get(container: Record<string, Value> | Value[], step: Step): Value {
  if (Array.isArray(container)) return typeof step === 'number' ? container[step] : undefined;
  return Object.hasOwn(container, step) ? container[step] : undefined;
}

function set(container: Record<string, Value> | Value[], step: Step, value: Value): boolean {
  if (Array.isArray(container)) {
    if (typeof step !== 'number' || step > container.length) return false;
    container[step] = value;
    return true;
  }
  // defineProperty makes even a key such as __proto__ an ordinary property.
  Object.defineProperty(container, step, { value, writable: true, enumerable: true, configurable: true });
  return true;
}
