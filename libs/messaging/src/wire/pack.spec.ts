import {
  anything,
  assert,
  integer,
  jsonValue,
  letrec,
  property,
  record,
  uint8Array,
  array,
  oneof,
  string,
  dictionary,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame, MalformedFrameError } from './frame.ts';
import { pack } from './pack.ts';
import { unpack } from './unpack.ts';

function roundTrip(value: unknown): unknown {
  const { text, attachments } = pack(value);
  const { content, attachments: got } = decodeFrame(encodeFrame(text, attachments));
  return unpack(content, got.values());
}

const { tree } = letrec((tie) => ({
  tree: oneof(
    { depthSize: 'small' },
    jsonValue(),
    uint8Array(),
    array(tie('tree'), { maxLength: 4 }),
    dictionary(string(), tie('tree'), { maxKeys: 4 }),
  ),
}));

const plain = (value: unknown): unknown =>
  JSON.stringify(value, (_name, field: unknown) =>
    field instanceof Uint8Array
      ? `bytes ${Buffer.from(field.buffer, field.byteOffset, field.byteLength).toString('hex')}`
      : field,
  );

describe('frames', () => {
  it('carry JSON with bytes anywhere in it', () => {
    assert(
      property(tree, (value) => {
        expect(plain(roundTrip(value))).toBe(plain(value));
      }),
    );
  });

  it('carry the empty, the absent and the bare', () => {
    expect(roundTrip(new Uint8Array([1, 2]))).toEqual(new Uint8Array([1, 2]));
    expect(roundTrip(undefined)).toBeNull();
    expect(roundTrip({ a: undefined, b: new Uint8Array() })).toEqual({ b: new Uint8Array() });
  });

  it('leave the value as it was', () => {
    const value = { list: [{ bytes: new Uint8Array([7]) }], text: 'x' };
    pack(value);
    expect(value.list[0]?.bytes).toEqual(new Uint8Array([7]));
  });

  it('do not inflate bytes', () => {
    const bytes = new Uint8Array(1_000_000);
    const { text, attachments } = pack({ bytes });
    expect(encodeFrame(text, attachments).length).toBeLessThan(1_000_100);
  });

  it('refuse cycles and what is nested too deep', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => pack(cycle)).toThrow(TypeError);
  });
});

const malformed = (frame: Uint8Array) => () => {
  const { content, attachments } = decodeFrame(frame);
  return unpack(content, attachments.values());
};

function outcome(read: () => unknown): string {
  try {
    read();
    return 'value';
  } catch (error) {
    return error instanceof Error ? error.name : 'not an error';
  }
}

describe('hostile frames', () => {
  it('are refused or parsed, and have no other effect', () => {
    assert(
      property(uint8Array({ maxLength: 64 }), (bytes) => {
        expect(['value', 'MalformedFrameError']).toContain(outcome(malformed(bytes)));
      }),
    );
  });

  it('are refused when any of their bytes was cut or added', () => {
    const frame = encodeFrame(...entries({ a: new Uint8Array(10), b: 'text' }));
    for (let length = 0; length < frame.length; length += 1) {
      expect(malformed(frame.subarray(0, length)), `${length} bytes`).toThrow(MalformedFrameError);
    }
    expect(malformed(Buffer.concat([frame, Buffer.from([0])]))).toThrow(MalformedFrameError);
  });

  it('are refused when one of their bytes was changed, or still make a value', () => {
    const frame = encodeFrame(...entries({ a: new Uint8Array(10), b: 'text' }));
    assert(
      property(
        record({ at: integer({ min: 0, max: frame.length - 1 }), to: integer({ min: 0, max: 255 }) }),
        ({ at, to }) => {
          const changed = Buffer.from(frame);
          changed[at] = to;
          expect(['value', 'MalformedFrameError']).toContain(outcome(malformed(changed)));
        },
      ),
    );
  });

  it.each([
    ['a path through a prototype', [{}, ['__proto__', 'polluted']]],
    ['a path to a taken place', [{ a: 1 }, ['a']]],
    ['a path to nowhere', [{ a: null }, ['b']]],
    ['a path that is none', [{ a: null }, 'a']],
    ['a path of a strange step', [{ a: null }, [{}]]],
    ['a path for no attachment', [{ a: null, b: null }, ['a'], ['b']]],
    ['no value', []],
    ['no list', {}],
  ])('are refused for %s', (_what, content) => {
    expect(malformed(encodeFrame(JSON.stringify(content), [new Uint8Array(1)]))).toThrow(MalformedFrameError);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('are refused before their nesting or their claims cost anything', () => {
    const deep = `[${'['.repeat(1_000_000)}`;
    const claims = Buffer.from([1, 0, 0, 0, 2, 255, 255, 255, 255, 91, 93]);
    const before = performance.now();
    expect(malformed(encodeFrame(deep, []))).toThrow(MalformedFrameError);
    expect(malformed(claims)).toThrow(MalformedFrameError);
    expect(performance.now() - before).toBeLessThan(200);
  });

  it('are not mistaken for deep when brackets stand in a text', () => {
    const text = `["${'[\\"'.repeat(1000)}"]`;
    expect(malformed(encodeFrame(text, []))()).toBe('["'.repeat(1000));
  });

  it('are never made by a value, whatever it is', () => {
    assert(
      property(anything(), (value) => {
        expect(['value', 'TypeError']).toContain(outcome(() => roundTrip(value)));
      }),
    );
  });
});

function entries(value: unknown): [string, readonly Uint8Array[]] {
  const { text, attachments } = pack(value);
  return [text, attachments];
}
